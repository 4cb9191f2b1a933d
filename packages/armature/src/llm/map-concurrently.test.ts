import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mapConcurrently } from "./map-concurrently.ts";

describe("mapConcurrently", () => {
  it("keeps the order and the bound, whatever the calls take", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        async (waits, concurrency) => {
          let running = 0;
          let most = 0;
          const seen: number[] = [];
          const results = await mapConcurrently(
            waits,
            async (wait, index) => {
              most = Math.max(most, ++running);
              for (let turn = 0; turn <= wait; turn++) await Promise.resolve();
              running--;
              return index * 10;
            },
            { concurrency, onResult: (_, index) => seen.push(index) },
          );
          expect(results).toEqual(waits.map((_, index) => index * 10));
          expect(most).toBe(Math.min(concurrency, waits.length));
          expect(seen.toSorted((a, b) => a - b)).toEqual(waits.map((_, index) => index));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("cancels the siblings of a failure, starts no further item and waits for those that run", async () => {
    const started: number[] = [];
    let cancelled = 0;
    let ended = 0;
    const map = mapConcurrently(
      [0, 1, 2, 3, 4],
      async (item, _, signal) => {
        started.push(item);
        if (item === 1) throw new Error("one failed");
        await delay(10_000, undefined, { signal }).catch(() => cancelled++);
        await delay(5);
        ended++;
      },
      { concurrency: 3 },
    );
    await expect(map).rejects.toThrow("one failed");
    expect({ started, cancelled, ended }).toEqual({ started: [0, 1, 2], cancelled: 2, ended: 2 });
  });

  it("ends with the caller's reason, before or while it runs", async () => {
    const reason = new Error("enough");
    const never = async (_: number, __: number, signal: AbortSignal) => delay(10_000, 0, { signal });
    await expect(
      mapConcurrently([1], never, { concurrency: 1, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    const controller = new AbortController();
    const map = mapConcurrently([1, 2, 3], never, { concurrency: 2, signal: controller.signal });
    controller.abort(reason);
    await expect(map).rejects.toBe(reason);
  });
});
