import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LengthComparison, lengthControlledWinRate } from "./length-control.ts";

interface Golden {
  readonly ridge: number;
  readonly comparisons: readonly LengthComparison[];
  readonly beta: readonly number[];
  readonly raw: number;
  readonly controlled: number;
}

const GOLDEN = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../test/golden/length-control.json"), "utf8"),
) as readonly Golden[];

const comparison = fc.record({
  preference: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(5000),
  otherLength: fc.nat(5000),
});

describe("lengthControlledWinRate", () => {
  it.each(GOLDEN.map((golden, i) => [i, golden] as const))(
    "has the coefficients of statsmodels and scipy, case %i",
    (_, { ridge, comparisons, beta, raw, controlled }) => {
      const found = lengthControlledWinRate(comparisons, { seed: 0, ridge, resamples: 5 })!;
      const { policy, length, difficulty } = found.coefficients;
      const own = difficulty === null ? [policy, length] : [policy, length, difficulty];
      expect(own).toHaveLength(beta.length);
      for (const [i, value] of own.entries()) expect(value).toBeCloseTo(beta[i]!, 6);
      expect(found.raw.value).toBeCloseTo(raw, 12);
      expect(found.controlled.value).toBeCloseTo(controlled, 7);
    },
  );

  it("takes back what length alone wins", () => {
    // Whoever is longer wins, and the first policy is longer three times of four.
    const comparisons = Array.from({ length: 200 }, (_, i) => {
      const longer = i % 4 !== 0;
      return { preference: longer ? 0.9 : 0.1, length: longer ? 300 : 100, otherLength: longer ? 100 : 300 };
    });
    const { raw, controlled, coefficients } = lengthControlledWinRate(comparisons, { seed: 0 })!;
    expect(raw.value).toBeCloseTo(0.7, 12);
    expect(coefficients.length).toBeGreaterThan(1);
    // Both lengths of tanh differ only by sign when centred alike: at equal length nobody is better.
    expect(controlled.value).toBeGreaterThan(0.4);
    expect(controlled.value).toBeLessThan(0.6);
    expect(controlled.low).toBeLessThanOrEqual(controlled.value);
    expect(controlled.high).toBeGreaterThanOrEqual(controlled.value);
  });

  it("mirrors when the policies change places", () => {
    fc.assert(
      fc.property(fc.array(comparison, { minLength: 1, maxLength: 30 }), (comparisons) => {
        const one = lengthControlledWinRate(comparisons, { seed: 0, resamples: 1, ridge: 0.1 })!;
        const other = lengthControlledWinRate(
          comparisons.map(({ preference, length, otherLength }) => ({
            ...{ preference: 1 - preference, length: otherLength, otherLength: length },
          })),
          { seed: 0, resamples: 1, ridge: 0.1 },
        )!;
        expect(one.controlled.value + other.controlled.value).toBeCloseTo(1, 8);
        expect(one.coefficients.length).toBeCloseTo(other.coefficients.length, 6);
      }),
    );
  });

  it("stays finite where one always wins or all lengths are equal", () => {
    const always = Array.from({ length: 30 }, (_, i) => ({ preference: 1, length: i, otherLength: 0 }));
    expect(lengthControlledWinRate(always, { seed: 0, resamples: 20 })!.controlled.value).toBeGreaterThan(
      0.9,
    );
    const equal = Array.from({ length: 10 }, (_, i) => ({ preference: i % 2, length: 5, otherLength: 5 }));
    expect(
      lengthControlledWinRate(equal, { seed: 0, resamples: 20, ridge: 0 })!.controlled.value,
    ).toBeCloseTo(0.5, 9);
    expect(lengthControlledWinRate([], { seed: 0 })).toBeNull();
  });
});
