import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  cohenKappa,
  fleissKappa,
  type ItemRatings,
  krippendorffAlpha,
  percentAgreement,
} from "./agreement.ts";

const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/agreement.json", import.meta.url), "utf8"),
) as {
  readonly two: { ratings: ItemRatings[]; percent: number; cohen: number; alpha: number };
  readonly five: { ratings: ItemRatings[]; fleiss: number; alpha: number };
  readonly sparse: { ratings: ItemRatings[]; nominal: number; interval: number };
};

describe("agreement of raters", () => {
  it("equals statsmodels and the krippendorff package", () => {
    const { two, five, sparse } = golden;
    expect(percentAgreement(two.ratings)).toBeCloseTo(two.percent, 12);
    expect(cohenKappa(two.ratings)).toBeCloseTo(two.cohen, 12);
    expect(krippendorffAlpha(two.ratings)).toBeCloseTo(two.alpha, 12);
    expect(fleissKappa(five.ratings)).toBeCloseTo(five.fleiss, 12);
    expect(krippendorffAlpha(five.ratings)).toBeCloseTo(five.alpha, 12);
    expect(krippendorffAlpha(sparse.ratings)).toBeCloseTo(sparse.nominal, 12);
    expect(krippendorffAlpha(sparse.ratings, "interval")).toBeCloseTo(sparse.interval, 12);
  });

  it("by hand: three items, one disagreement", () => {
    const items = [
      ["yes", "yes"],
      ["no", "no"],
      ["yes", "no"],
    ];
    expect(percentAgreement(items)).toBeCloseTo(2 / 3, 12);
    // Chance: (2/3)(1/3) + (1/3)(2/3) = 4/9.
    expect(cohenKappa(items)).toBeCloseTo((2 / 3 - 4 / 9) / (5 / 9), 12);
  });

  it("is null, never a number, where nothing can be said", () => {
    expect(percentAgreement([["yes", null]])).toBeNull();
    expect(cohenKappa([[null, "yes"]])).toBeNull();
    expect(cohenKappa([["yes", "yes"]])).toBeNull();
    expect(fleissKappa([])).toBeNull();
    expect(
      krippendorffAlpha([
        ["yes", "yes"],
        ["yes", null],
      ]),
    ).toBeNull();
  });

  it("refuses what a statistic is not made for", () => {
    expect(() => cohenKappa([["a", "b", "c"]])).toThrow(/two raters/);
    expect(() =>
      fleissKappa([
        ["a", "b"],
        ["a", null],
      ]),
    ).toThrow(/same number of ratings/);
  });
});
