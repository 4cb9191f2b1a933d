import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupAdvantages, isConstantGroup, STD_EPSILON } from "./advantages.ts";

describe("groupAdvantages", () => {
  it("normalises by the population standard deviation (computed by hand: mean 0.5, std 0.5)", () => {
    const [win, loss] = groupAdvantages([1, 0, 0, 1], "group") as number[];
    expect(win).toBeCloseTo(0.5 / (0.5 + STD_EPSILON), 12);
    expect(loss).toBeCloseTo(-0.5 / (0.5 + STD_EPSILON), 12);
  });

  it("only centres without the std option", () => {
    expect(groupAdvantages([3, 0, 0], "none")).toEqual([2, -1, -1]);
  });

  it("divides by the batch's deviation where it is asked to, and centres by a weighted mean", () => {
    expect(groupAdvantages([3, 1], "batch", { batchStd: 2 - STD_EPSILON })).toEqual([0.5, -0.5]);
    // (1 · 4 + 3 · 0) / 4 = 1; the null has no part in it.
    expect(groupAdvantages([4, null, 0], "none", { weights: [1, 9, 3] })).toEqual([3, null, -1]);
  });

  it("leaves null rewards out of the statistics", () => {
    expect(groupAdvantages([1, null, 3], "none")).toEqual([-1, null, 1]);
    expect(groupAdvantages([null, null], "group")).toEqual([null, null]);
  });

  it("sums to zero and ignores a constant added to all rewards", () => {
    const reward = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(null));
    fc.assert(
      fc.property(
        fc.array(reward, { minLength: 2, maxLength: 9 }),
        fc.integer({ min: -5, max: 5 }),
        (rewards, c) => {
          const plain = groupAdvantages(rewards, "group");
          const moved = groupAdvantages(
            rewards.map((r) => (r === null ? null : r + c)),
            "group",
          );
          const sum = plain.reduce<number>((total, a) => total + (a ?? 0), 0);
          expect(Math.abs(sum)).toBeLessThan(1e-8);
          plain.forEach((a, i) => {
            if (a === null) expect(moved[i]).toBeNull();
            else expect(moved[i]).toBeCloseTo(a, 8);
          });
        },
      ),
    );
  });
});

describe("isConstantGroup", () => {
  it("looks only at known rewards", () => {
    expect(isConstantGroup([1, null, 1])).toBe(true);
    expect(isConstantGroup([null, null])).toBe(true);
    expect(isConstantGroup([1, 0])).toBe(false);
  });
});
