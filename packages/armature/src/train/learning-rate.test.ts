import { describe, expect, it } from "vitest";
import { learningRateFactor } from "./learning-rate.ts";

describe("learningRateFactor", () => {
  it("falls as named, after the warm-up", () => {
    expect(learningRateFactor("constant", 7, 10)).toBe(1);
    expect([0, 1, 2, 3].map((round) => learningRateFactor("linear", round, 4))).toEqual([1, 0.75, 0.5, 0.25]);
    expect(learningRateFactor("cosine", 5, 10)).toBeCloseTo(0.03 + 0.97 * 0.5, 12);
    expect(learningRateFactor("cosine", 10, 10)).toBeCloseTo(0.03, 12);
    expect(learningRateFactor("constant", 0, 10, 4)).toBe(0.25);
  });
});
