import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { knownStatistics } from "../../test/evaluation/known-statistics.ts";
import { cohenKappa, krippendorffAlpha } from "./agreement.ts";
import { bootstrapDifferencePValue } from "./bootstrap.ts";
import { calibration } from "./calibration.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { averageRanks, kendallTauB, pearson, spearman } from "./rank-correlation.ts";
import { exactMcNemar, holmAdjusted, wilsonInterval } from "./significance.ts";

describe("known values of SciPy, statsmodels and krippendorff", () => {
  const comparisons = knownStatistics();

  it("cover every statistic", () => {
    expect([...new Set(comparisons.map(({ name }) => name))]).toEqual([
      ...["wilson", "normalQuantile", "mcNemar", "holm", "cohenKappa", "fleissKappa", "krippendorffAlpha"],
      ...["pearson", "spearman", "kendallTauB", "calibration", "bootstrapPValue"],
    ]);
  });

  it.each(comparisons)("$name, case $index", ({ name, difference }) => {
    // 200,000 resamples leave a p-value uncertain by 0.0011.
    expect(difference).toBeLessThan(name === "bootstrapPValue" ? 0.005 : 1e-9);
  });
});

describe("what is undefined is null", () => {
  it.each([
    [
      "alpha of one value",
      krippendorffAlpha(
        [
          [3, 3],
          [3, 3],
        ],
        "interval",
      ),
    ],
    ["alpha of single ratings", krippendorffAlpha([[1], [2, null]], "nominal")],
    ["correlation with a constant", pearson([0.1, 0.1, 0.1], [1, 2, 3])],
    ["rank correlation with a constant", spearman([7, 7, 7], [1, 2, 3])],
    ["tau with a constant", kendallTauB([1, 2, 3], [4, 4, 4])],
    ["tau of one pair", kendallTauB([1], [2])],
    ["calibration of nothing", calibration([], [])],
    ["a share of nothing", wilsonInterval(0, 0)],
    ["a p-value of nothing", bootstrapDifferencePValue([[]], [[1]], { seed: 0 })],
  ])("%s", (_, value) => expect(value).toBeNull());
});

describe("what makes no sense is refused", () => {
  it.each([
    [() => cohenKappa([["a", "b"]], "linear"), /^a rating is "a"; /],
    [() => spearman([1, 2], [1]), /^2 and 1 values cannot be correlated; /],
    [() => kendallTauB([1, 2], [1]), /^2 and 1 values cannot be correlated; /],
    [() => exactMcNemar([true], []), /^1 and 0 rows cannot be paired; /],
    [() => wilsonInterval(3, 2), /^3 successes of 2 trials; /],
    [() => wilsonInterval(1, 2, 95), /^confidence level is 95; /],
    [() => holmAdjusted([0.2, Number.NaN]), /^a p-value is NaN; /],
    [() => calibration([1.2], [true]), /^a probability is 1.2; /],
    [() => calibration([0.2], []), /^1 probabilities and 0 outcomes; /],
    [() => calibration([0.2], [true], 0), /^bin count is 0; /],
    [() => normalQuantile(1), /^quantile at 1; /],
  ])("%s", (act, message) => expect(act).toThrow(message));
});

describe("properties", () => {
  const values = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 30 });

  it("tau-b equals its definition over all pairs", () => {
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.integer({ min: -3, max: 3 })), (one, stream) => {
        const other = one.map(() => stream.next().value as number);
        let [sum, x, y] = [0, 0, 0];
        for (let i = 0; i < one.length; i++)
          for (let j = 0; j < i; j++) {
            const [a, b] = [Math.sign(one[i]! - one[j]!), Math.sign(other[i]! - other[j]!)];
            sum += a * b;
            x += a * a;
            y += b * b;
          }
        const expected = x * y === 0 ? null : sum / Math.sqrt(x * y);
        const found = kendallTauB(one, other);
        if (expected === null) expect(found).toBeNull();
        else expect(found).toBeCloseTo(expected, 12);
      }),
    );
  });

  it("ranks sum to n(n + 1) / 2 and keep the order", () => {
    fc.assert(
      fc.property(values, (list) => {
        const ranks = averageRanks(list);
        expect(ranks.reduce((a, b) => a + b)).toBeCloseTo((list.length * (list.length + 1)) / 2, 9);
        for (let i = 1; i < list.length; i++)
          expect(Math.sign(ranks[i]! - ranks[0]!)).toBe(Math.sign(list[i]! - list[0]!));
      }),
    );
  });

  it("identical raters agree fully, and renaming categories changes no nominal statistic", () => {
    fc.assert(
      fc.property(values, values, (one, longer) => {
        const other = one.map((value, i) => longer[i % longer.length] ?? value);
        const renamed = (list: number[]) => list.map((value) => 10 - 2 * value);
        const items = one.map((value, i) => [value, other[i]!]);
        if (new Set(one).size > 1) expect(cohenKappa(one.map((value) => [value, value]))).toBeCloseTo(1, 12);
        expect(cohenKappa(items.map(renamed)) ?? 9).toBeCloseTo(cohenKappa(items) ?? 9, 9);
        const alpha = krippendorffAlpha(items, "nominal");
        expect(krippendorffAlpha(items.map(renamed), "nominal") ?? 9).toBeCloseTo(alpha ?? 9, 9);
      }),
    );
  });

  it("the bootstrap p-value is repeated by its seed and 1 where nothing differs", () => {
    const [before, after] = [
      [[1], [0], [1, 0]],
      [[0], [1], [1, 1]],
    ];
    const p = bootstrapDifferencePValue(before, after, { seed: 5, resamples: 500 });
    expect(bootstrapDifferencePValue(before, after, { seed: 5, resamples: 500 })).toBe(p);
    expect(bootstrapDifferencePValue(before, before, { seed: 5, resamples: 500 })).toBe(1);
  });
});
