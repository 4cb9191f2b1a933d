import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { singleRow } from "./batch-row.ts";
import { microBatches, roundedUp } from "./micro-batches.ts";

describe("microBatches", () => {
  it("keeps every row once, within the budget unless a row is longer than it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 60 }),
        fc.integer({ min: 16, max: 2000 }),
        (lengths, budget) => {
          const batches = microBatches(
            lengths.map((length, i) => singleRow(i, length)),
            budget,
          );
          const seen = batches.flatMap(({ rows }) => rows.map((row) => row.members[0]!.sequence));
          expect(seen.sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
          for (const { rows, paddedRows, time } of batches) {
            expect(rows.length).toBeGreaterThan(0);
            expect(paddedRows).toBeGreaterThanOrEqual(rows.length);
            expect(Math.max(...rows.map(({ length }) => length))).toBeLessThanOrEqual(time);
            expect(paddedRows === 1 || paddedRows * time <= budget).toBe(true);
          }
        },
      ),
    );
  });

  it("cuts rows of one length into batches of one size", () => {
    const batches = microBatches(
      Array.from({ length: 64 }, (_, i) => singleRow(i, 110)),
      4096,
    );
    expect(batches.map(({ paddedRows, time }) => [paddedRows, time])).toEqual([
      [32, 112],
      [32, 112],
    ]);
  });

  it("has few sizes for many lengths", () => {
    const times = new Set<number>();
    for (let length = 1; length <= 1024; length++)
      for (const { time } of microBatches([singleRow(0, length)], 1024)) times.add(time);
    expect(times.size).toBeLessThanOrEqual(32);
  });
});

describe("roundedUp", () => {
  it("adds less than one part in `steps`", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(4, 8), (n, steps) => {
        const up = roundedUp(n, steps);
        expect(up).toBeGreaterThanOrEqual(n);
        expect(up - n).toBeLessThan(Math.max(1, n / steps));
      }),
    );
  });
});
