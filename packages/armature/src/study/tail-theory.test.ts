import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TAIL_VECTORS } from "../../test/study/tail-vectors.ts";
import {
  CORRECT,
  inverseAt,
  type MisspecificationMap,
  mapThroughCells,
  REVERSED,
  topRightEnvelope,
  topWrong,
  worstWrong,
} from "./misspecification-map.ts";
import {
  bestOfNKl,
  bestOfNWinRate,
  betaAtKl,
  betasUpToKl,
  tailByIntegration,
  tailCurve,
  tailKl,
  tailWinRate,
} from "./tail-theory.ts";

const share = fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100);
const anyMap: fc.Arbitrary<MisspecificationMap> = fc.oneof(
  fc.constantFrom(CORRECT, REVERSED),
  share.map(topWrong),
  share.map(worstWrong),
);
const anyBeta = fc.double({ min: -4, max: 4, noNaN: true }).map(Math.exp);

describe("Theorem 1", () => {
  it.each(TAIL_VECTORS)("has the known values at β = $beta", ({ beta, kl, winRates }) => {
    expect(Math.abs(tailKl(beta) - kl)).toBeLessThan(1e-6);
    for (const { map, winRate } of winRates)
      expect(Math.abs(tailWinRate(map, beta) - winRate)).toBeLessThan(1e-6);
  });

  it("equals the paper's own formulas where those do not cancel", () => {
    for (const beta of [0.05, 0.3, 1, 3]) {
      const e = Math.exp(1 / beta);
      const paper = ((1 / beta - 1) * e + 1) / (e - 1) - Math.log(beta) - Math.log(e - 1);
      expect(tailKl(beta)).toBeCloseTo(paper, 12);
      expect(tailWinRate(CORRECT, beta)).toBeCloseTo(1 / (1 - 1 / e) - beta, 12);
    }
  });

  it("agrees with numerical integration of proposition 1 for every map, involutions being their own inverse", () => {
    fc.assert(
      fc.property(anyMap, anyBeta, (map, beta) => {
        const numerical = tailByIntegration((rank) => inverseAt(map, rank), beta);
        expect(numerical.winRate).toBeCloseTo(tailWinRate(map, beta), 9);
        expect(numerical.kl).toBeCloseTo(tailKl(beta), 9);
      }),
      { numRuns: 40 },
    );
  });

  it("has the limits: β → ∞ the reference, β → 0 the response that the proxy likes most", () => {
    fc.assert(
      fc.property(anyMap, (map) => {
        expect(tailWinRate(map, 1e7)).toBeCloseTo(0.5, 6);
        expect(tailWinRate(map, 1e-5)).toBeCloseTo(inverseAt(map, 1), 3);
      }),
    );
    expect(tailKl(1e5)).toBeCloseTo(1e-10 / 24, 18);
    expect(tailKl(1e-6)).toBeCloseTo(Math.log(1e6) - 1, 4);
  });

  it("is continuous where the series takes over", () => {
    expect(tailKl(10 + 1e-9)).toBeCloseTo(tailKl(10 - 1e-9), 11);
    for (const width of [0.02 - 1e-9, 0.02 + 1e-9])
      expect(tailWinRate(topWrong(0.5), 0.5 / width)).toBeCloseTo(tailWinRate(topWrong(0.5), 25), 8);
  });

  it("orders the maps: nothing beats correct, nothing is worse than reversed", () => {
    fc.assert(
      fc.property(anyMap, anyBeta, (map, beta) => {
        const value = tailWinRate(map, beta);
        expect(value).toBeLessThanOrEqual(tailWinRate(CORRECT, beta) + 1e-12);
        expect(value).toBeGreaterThanOrEqual(tailWinRate(REVERSED, beta) - 1e-12);
      }),
    );
  });

  it("shows over-optimisation where the top is wrong and not where the bottom is", () => {
    const rates = (map: MisspecificationMap) =>
      tailCurve(map, betasUpToKl(3, 60)).map(({ winRate }) => winRate);
    const falls = (values: number[]) => values.some((value, i) => i > 0 && value < values[i - 1]! - 1e-12);
    expect(falls(rates(topWrong(0.25)))).toBe(true);
    expect(falls(rates(worstWrong(0.5)))).toBe(false);
  });

  it("finds a β for every KL", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 30, noNaN: true }), (kl) => {
        expect(tailKl(betaAtKl(kl)) / kl).toBeCloseTo(1, 6);
      }),
    );
    expect(() => betaAtKl(0)).toThrow(/^KL is 0; /);
    expect(() => tailKl(0)).toThrow(/^beta is 0; /);
    expect(() => tailByIntegration(() => Number.POSITIVE_INFINITY, 1)).toThrow(/^the proxy is Infinity /);
  });
});

describe("best of n", () => {
  it("has its known values: n / (n + 1) for a correct proxy, 1 / (n + 1) for a reversed one", () => {
    for (const n of [1, 2, 7, 64]) {
      expect(bestOfNWinRate(CORRECT, n)).toBeCloseTo(n / (n + 1), 12);
      expect(bestOfNWinRate(REVERSED, n)).toBeCloseTo(1 / (n + 1), 12);
      // Jumps at 1/2 by hand: ∫₀^½ u n uⁿ⁻¹ + ∫_½^1 (3/2 − u) n uⁿ⁻¹.
      const half = 0.5 ** (n + 1);
      const byHand = (n / (n + 1)) * half + 1.5 * (1 - 2 * half) - (n / (n + 1)) * (1 - half);
      expect(bestOfNWinRate(topWrong(0.5), n)).toBeCloseTo(byHand, 12);
    }
    expect(bestOfNKl(1)).toBe(0);
    expect(bestOfNKl(4)).toBeCloseTo(0.636294, 6);
  });

  it("is no better than the exponential tilt at the same KL, which is optimal for a correct proxy", () => {
    for (const n of [2, 4, 16, 256]) {
      const tilt = tailWinRate(CORRECT, betaAtKl(bestOfNKl(n)));
      expect(bestOfNWinRate(CORRECT, n)).toBeLessThanOrEqual(tilt);
      expect(tilt - bestOfNWinRate(CORRECT, n)).toBeLessThan(0.03);
    }
  });
});

describe("maps", () => {
  it("have the paper's formulas", () => {
    for (const r of [0, 0.1, 0.3, 0.69, 0.71, 0.9, 1]) {
      expect(inverseAt(topWrong(0.3), r)).toBeCloseTo(r <= 0.7 ? r : 1.7 - r, 12);
      expect(inverseAt(worstWrong(0.3), r)).toBeCloseTo(r <= 0.3 ? 0.3 - r : r, 12);
      expect(inverseAt(REVERSED, r)).toBeCloseTo(1 - r, 12);
    }
    expect(topRightEnvelope(0.4).inverse).toEqual(worstWrong(0.6).inverse);
    expect(topRightEnvelope(1).inverse).toEqual(CORRECT.inverse);
    expect(topWrong(1).inverse).toEqual(REVERSED.inverse);
    expect(() => topWrong(0)).toThrow(/^share is 0; /);
  });

  it("through cells of a line is that line, ends included", () => {
    const map = mapThroughCells("line", [0.125, 0.375, 0.625, 0.875]);
    for (const u of [0, 0.2, 0.5, 0.93, 1]) expect(inverseAt(map, u)).toBeCloseTo(u, 12);
    expect(inverseAt(mapThroughCells("one", [0.4]), 0.9)).toBe(0.4);
    expect(() => mapThroughCells("none", [])).toThrow(/^a map has no cells; /);
  });
});
