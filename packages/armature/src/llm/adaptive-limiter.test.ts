import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AdaptiveLimiter, type LimiterSettings, type Permit } from "./adaptive-limiter.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const answered = (tokens = 0) => ({ kind: "answered", tokens }) as const;
const overload = (pauseMs = 0) => ({ kind: "overload", pauseMs }) as const;

/** Permits handed out so far, in order, with the time of each. */
function started(limiter: AdaptiveLimiter, count: number, tokens = 1) {
  const permits: { readonly permit: Permit; readonly at: number; readonly index: number }[] = [];
  for (let index = 0; index < count; index++)
    void limiter.acquire(tokens).then(
      (permit) => permits.push({ permit, at: performance.now(), index }),
      () => undefined,
    );
  return permits;
}
const settle = () => vi.advanceTimersByTimeAsync(0);

describe("AdaptiveLimiter", () => {
  it("starts slowly and doubles with each round that is answered, up to the bound", async () => {
    const limiter = new AdaptiveLimiter({ concurrency: 100 });
    const permits = started(limiter, 1000);
    const sizes: number[] = [];
    for (let round = 0; round < 5; round++) {
      await settle();
      const now = permits.splice(0);
      sizes.push(now.length);
      for (const { permit } of now) limiter.release(permit, answered());
    }
    expect(sizes).toEqual([16, 32, 64, 100, 100]);
  });

  it("shrinks once for a burst of refusals, then grows by one a round", async () => {
    const limiter = new AdaptiveLimiter({ concurrency: 16 });
    const permits = started(limiter, 1000);
    await settle();
    for (const { permit } of permits.splice(0)) limiter.release(permit, overload());
    // 16 · 0.7 after the second refusal; the other fourteen were sent before that.
    expect(limiter.window).toBe(11);
    for (let round = 0; round < 2; round++) {
      await settle();
      for (const { permit } of permits.splice(0)) limiter.release(permit, answered());
    }
    expect(limiter.window).toBe(13);
  });

  it("takes a stray refusal for noise, and goes down to one where all are refused", async () => {
    const limiter = new AdaptiveLimiter({ concurrency: 16 });
    const permits = started(limiter, 5000);
    for (let round = 0; round < 40; round++) {
      await settle();
      for (const [i, { permit }] of permits.splice(0).entries())
        limiter.release(permit, i === 3 ? overload() : answered());
    }
    expect(limiter.window).toBe(16);
    for (let round = 0; round < 40; round++) {
      await settle();
      for (const { permit } of permits.splice(0)) limiter.release(permit, overload());
    }
    expect(limiter.window).toBe(1);
  });

  it("sends nothing during a pause that the server asked for", async () => {
    const limiter = new AdaptiveLimiter({ concurrency: 4 });
    const permits = started(limiter, 8);
    await settle();
    const began = performance.now();
    limiter.release(permits[0]!.permit, overload(1500));
    for (const { permit } of permits.splice(1)) limiter.release(permit, answered());
    await vi.advanceTimersByTimeAsync(1400);
    expect(permits).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(permits.length).toBeGreaterThan(1);
    expect(permits[1]!.at - began).toBeGreaterThanOrEqual(1500);
  });

  it("serves in order, and forgets those who gave up", async () => {
    const limiter = new AdaptiveLimiter({ concurrency: 1 });
    const first = await limiter.acquire(1);
    const order: string[] = [];
    const gone = new AbortController();
    const given = limiter.acquire(1, gone.signal).then(
      () => order.push("gone"),
      (error: unknown) => order.push(String(error)),
    );
    const second = limiter.acquire(1).then((permit) => {
      order.push("second");
      return permit;
    });
    void limiter.acquire(1).then(() => order.push("third"));
    gone.abort("gave up");
    await given;
    limiter.release(first, answered());
    limiter.release(await second, answered());
    await settle();
    expect(order).toEqual(["gave up", "second", "third"]);
  });

  it("lets no minute have more requests or tokens than asked, and wastes little", async () => {
    const cases: (LimiterSettings & { readonly tokens: number; readonly mostAMinute: number })[] = [
      { concurrency: 1000, requestsPerMinute: 600, tokens: 1, mostAMinute: 600 },
      { concurrency: 1000, requestsPerMinute: 7, tokens: 1, mostAMinute: 7 },
      { concurrency: 1000, tokensPerMinute: 60_000, tokens: 500, mostAMinute: 120 },
    ];
    for (const { tokens, mostAMinute, ...settings } of cases) {
      const limiter = new AdaptiveLimiter(settings);
      const permits = started(limiter, mostAMinute * 4, tokens);
      for (let second = 0; second < 180; second++) {
        await vi.advanceTimersByTimeAsync(1000);
        for (const { permit } of permits.slice(-1000))
          if (!released.has(permit)) release(limiter, permit, tokens);
      }
      const times = permits.map(({ at }) => at);
      for (const from of times)
        expect(times.filter((at) => at >= from && at < from + 60_000 - 1).length).toBeLessThanOrEqual(
          mostAMinute,
        );
      expect(times.length).toBeGreaterThanOrEqual(mostAMinute * 2.9);
    }
  });

  it("gives tokens back that an answer did not take", async () => {
    const limiter = new AdaptiveLimiter({ concurrency: 10, tokensPerMinute: 6000 });
    const permit = await limiter.acquire(100);
    let second = false;
    void limiter.acquire(100).then(() => {
      second = true;
    });
    await vi.advanceTimersByTimeAsync(100);
    expect(second).toBe(false);
    limiter.release(permit, answered(1));
    await settle();
    expect(second).toBe(true);
  });

  it("never has more under way than its bound, and finishes whatever comes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.constantFrom("answered", "overload", "other", "abort"), { minLength: 1, maxLength: 60 }),
        async (concurrency, ends) => {
          const limiter = new AdaptiveLimiter({ concurrency });
          let underWay = 0;
          let most = 0;
          const all = ends.map(async (end) => {
            const controller = new AbortController();
            const turn = limiter.acquire(1, controller.signal);
            if (end === "abort") controller.abort(new Error("gave up"));
            const permit = await turn.catch(() => null);
            if (permit === null) return;
            most = Math.max(most, ++underWay);
            await Promise.resolve();
            underWay--;
            limiter.release(
              permit,
              end === "answered" ? answered() : end === "overload" ? overload(5) : { kind: "other" },
            );
          });
          await vi.advanceTimersByTimeAsync(1000);
          await Promise.all(all);
          expect(most).toBeLessThanOrEqual(concurrency);
          expect(underWay).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});

const released = new Set<Permit>();
function release(limiter: AdaptiveLimiter, permit: Permit, tokens: number): void {
  released.add(permit);
  limiter.release(permit, answered(tokens));
}
