import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scoredSample } from "../../test/study/scored-sample.ts";
import { CORRECT, inverseAt, REVERSED, topWrong, worstWrong } from "./misspecification-map.ts";
import { bestOfKWinRates, cellMeans, goldRanksByProxy, tiltedWinRate } from "./proxy-order.ts";
import { regionAccuracy } from "./region-accuracy.ts";
import { estimateMap, studyTail } from "./tail-empirical.ts";
import { bestOfNWinRate, tailWinRate } from "./tail-theory.ts";

const seed = 7;

describe("best of k", () => {
  /** Mean over all k-subsets of the share of the others that the last of the subset beats. */
  function enumerated(gold: readonly number[], k: number): number {
    const scores: number[] = [];
    for (let mask = 0; mask < 1 << gold.length; mask++) {
      const drawn = gold.map((_, i) => i).filter((i) => mask & (1 << i));
      if (drawn.length !== k) continue;
      const best = gold[drawn.at(-1)!]!;
      const others = gold.filter((_, i) => !(mask & (1 << i)));
      const wins = others.map((other) => (other < best ? 1 : other === best ? 0.5 : 0));
      scores.push(wins.reduce<number>((a, b) => a + b, 0) / others.length);
    }
    return scores.reduce((a, b) => a + b) / scores.length;
  }

  it("equals enumeration of all draws", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 8 }),
        fc.nat(),
        (gold, at) => {
          const k = 1 + (at % (gold.length - 1));
          expect(bestOfKWinRates(gold)[k - 1]).toBeCloseTo(enumerated(gold, k), 10);
        },
      ),
    );
  });

  it("is unbiased: k / (k + 1) for a correct proxy and 1 / (k + 1) for a reversed one, at any n", () => {
    for (const n of [2, 5, 8, 40]) {
      const rising = Array.from({ length: n }, (_, i) => i + 1);
      for (const [i, winRate] of bestOfKWinRates(rising).entries())
        expect(winRate).toBeCloseTo((i + 1) / (i + 2), 10);
      for (const [i, winRate] of bestOfKWinRates(rising.toReversed()).entries())
        expect(winRate).toBeCloseTo(1 / (i + 2), 10);
    }
  });

  it("mixes to the tilted policy of the theory", () => {
    const correct = Array.from({ length: 63 }, (_, i) => (i + 1) / (i + 2));
    for (const beta of [5, 1, 0.25, 0.1, 1 / 30])
      expect(tiltedWinRate(correct, beta)).toBeCloseTo(tailWinRate(CORRECT, beta), 6);
  });
});

describe("ranks by proxy", () => {
  it("by hand, with a gold tie", () => {
    const ranks = goldRanksByProxy({ prompt: "p", proxy: [3, 1, 2, 4], gold: [5, 5, 1, 9] }, seed);
    expect(ranks).toEqual([2.5, 1, 2.5, 4]);
  });

  it("draws the order of proxy ties, so that no order of the file is favoured", () => {
    const prompts = Array.from({ length: 400 }, (_, i) => ({
      prompt: `${i}`,
      proxy: [1, 1],
      gold: [0, 1],
    }));
    const first = prompts.filter((prompt) => goldRanksByProxy(prompt, seed)[0] === 1).length;
    // 200 ± 10; six standard deviations.
    expect(Math.abs(first - 200)).toBeLessThan(60);
  });

  it("cells keep the mean, and values where there are as many cells", () => {
    expect(cellMeans([1, 2, 3, 4], 4)).toEqual([1, 2, 3, 4]);
    expect(cellMeans([1, 2, 3], 2)).toEqual([(1 + 0.5 * 2) / 1.5, (0.5 * 2 + 3) / 1.5]);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 25 }),
        (values, cells) => {
          const mean = (list: readonly number[]) => list.reduce((a, b) => a + b) / list.length;
          expect(mean(cellMeans(values, cells))).toBeCloseTo(mean(values), 9);
        },
      ),
    );
  });
});

describe("accuracy by region", () => {
  it("by hand: the two best reversed, a proxy tie below, a gold tie left out", () => {
    const prompts = [{ prompt: "p", gold: [1, 2, 3, 4, 1], proxy: [1, 1, 9, 8, 0] }];
    const accuracy = regionAccuracy(prompts, 0.4, { seed, resamples: 50 });
    // High: gold 3 and 4, wrong. Low: (1, 2) tied by proxy and so wrong, (2, 1') right. Across: all six right.
    expect(accuracy.high).toMatchObject({ value: 0 });
    expect(accuracy.low).toMatchObject({ value: 0.5 });
    expect(accuracy.across).toMatchObject({ value: 1 });
    expect(accuracy.all!.value).toBeCloseTo(7 / 9, 12);
    expect(accuracy).toMatchObject({ goldTies: 1, proxyTies: 1 });
  });

  it("is null where a region has no pairs", () => {
    const accuracy = regionAccuracy([{ prompt: "p", gold: [1, 2], proxy: [1, 2] }], 0.5, { seed });
    expect(accuracy).toMatchObject({ high: null, low: null });
  });
});

describe("a known map is recovered from samples", () => {
  it.each([CORRECT, REVERSED, topWrong(0.25), worstWrong(0.5)])("$name", (known) => {
    const map = estimateMap(scoredSample(known, 200, 40, seed), 40, seed);
    for (const beta of [1, 0.25, 0.1])
      expect(Math.abs(tailWinRate(map, beta) - tailWinRate(known, beta))).toBeLessThan(0.015);
    // How many of 40 responses lie below a jump varies by chance, which blurs it by ±√(1/4 · 1/40) = 0.08 of rank.
    const centres = Array.from({ length: 20 }, (_, i) => (i + 0.5) / 20);
    const errors = centres.map((u) => Math.abs(inverseAt(map, u) - inverseAt(known, u)));
    expect(errors.reduce((a, b) => a + b) / 20).toBeLessThan(0.04);
  });

  it("predicts best of n on prompts it has not seen", () => {
    const known = topWrong(0.25);
    const study = studyTail(scoredSample(known, 200, 40, seed), { seed, resamples: 200 });
    expect(study.heldOut!.largestDifference).toBeLessThan(0.02);
    expect(study.bestOfN.map(({ n }) => n)).toEqual([2, 4, 8, 16]);
    for (const { n, measured } of study.bestOfN)
      expect(Math.abs(measured.value - bestOfNWinRate(known, n))).toBeLessThan(0.015);
    // Of the pairs in the better half, a quarter lies inside the reversed quarter of all.
    expect(Math.abs(study.accuracy.high!.value - 0.75)).toBeLessThan(0.02);
    expect(study.accuracy.low!.value).toBeGreaterThan(0.98);
    for (const { beta, winRate } of study.curve)
      expect(Math.abs(winRate.value - tailWinRate(known, beta))).toBeLessThan(0.015);
  });

  it("says little from little data, without failing", () => {
    const study = studyTail([{ prompt: "p", proxy: [1, 2, 3], gold: [1, 3, 2] }], { seed, resamples: 20 });
    expect(study).toMatchObject({ prompts: 1, heldOut: null, rankCorrelation: { value: 0.5 } });
    expect(study.bestOfN.map(({ n }) => n)).toEqual([2]);
  });
});
