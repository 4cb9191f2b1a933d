import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mostVaried } from "./rollout-selection.ts";

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

function subsets(size: number, count: number): number[][] {
  return Array.from({ length: 2 ** size }, (_, bits) =>
    Array.from({ length: size }, (_, i) => i).filter((i) => (bits >> i) & 1),
  ).filter((subset) => subset.length === count);
}

describe("mostVaried", () => {
  it("finds the largest variance of all choices", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 8 }),
        fc.nat(8),
        (rewards, n) => {
          const count = 2 + (n % (rewards.length - 1));
          const chosen = mostVaried(rewards, count);
          expect(new Set(chosen).size).toBe(count);
          const best = Math.max(
            ...subsets(rewards.length, count).map((s) => variance(s.map((i) => rewards[i]!))),
          );
          expect(variance(chosen.map((i) => rewards[i]!))).toBeCloseTo(best, 10);
        },
      ),
    );
  });

  it("takes rewards that are null only where too few others are there", () => {
    expect(mostVaried([null, 5, 1, 4, null, 0], 2)).toEqual([1, 5]);
    expect(mostVaried([null, 5, null, null], 3)).toEqual([0, 1, 2]);
    expect(mostVaried([null, null], 2)).toEqual([0, 1]);
  });
});
