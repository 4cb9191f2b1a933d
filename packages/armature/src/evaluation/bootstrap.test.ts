import { readFileSync } from "node:fs";
import { SeededStream } from "@armature/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bootstrapDifference, bootstrapMean, bootstrapStrata, type Interval } from "./bootstrap.ts";

interface Reference {
  readonly intervals: Readonly<Record<string, readonly [number, number]>>;
  readonly standardError: number;
}
type Golden = {
  readonly hits: Reference & { readonly values: number[] };
  readonly skewed: Reference & { readonly values: number[] };
  readonly clusters: Reference & { readonly values: number[][] };
  readonly difference: Reference & { readonly before: number[]; readonly after: number[] };
};
const golden: Golden = JSON.parse(
  readFileSync(new URL("../../test/golden/bootstrap.json", import.meta.url), "utf8"),
);
const alone = (values: readonly number[]) => values.map((value) => [value]);

describe("the intervals equal SciPy's percentile bootstrap", () => {
  // With 50,000 and more resamples a 2.5 % quantile is known to about 0.015 standard errors.
  const close = (interval: Interval | null, { intervals, standardError }: Reference, level: string) => {
    const tolerance = 0.06 * standardError;
    expect(Math.abs(interval!.low - intervals[level]![0])).toBeLessThan(tolerance);
    expect(Math.abs(interval!.high - intervals[level]![1])).toBeLessThan(tolerance);
  };

  it.each(["0.95", "0.8"])("at level %s", (level) => {
    const settings = { seed: 1, level: Number(level), resamples: 50_000 };
    const { hits, skewed, clusters, difference } = golden;
    close(bootstrapMean(alone(skewed.values), settings), skewed, level);
    close(bootstrapMean(clusters.values, settings), clusters, level);
    // Steps of 1/400 and 1/150 are wider than the tolerance, so the bounds must be the same step or its neighbour.
    const binary = bootstrapMean(alone(hits.values), settings)!;
    expect(Math.abs(binary.low - hits.intervals[level]![0])).toBeLessThanOrEqual(1 / 400 + 1e-9);
    expect(Math.abs(binary.high - hits.intervals[level]![1])).toBeLessThanOrEqual(1 / 400 + 1e-9);
    const paired = bootstrapDifference(alone(difference.before), alone(difference.after), settings)!;
    expect(Math.abs(paired.low - difference.intervals[level]![0])).toBeLessThanOrEqual(1 / 150 + 1e-9);
    expect(Math.abs(paired.high - difference.intervals[level]![1])).toBeLessThanOrEqual(1 / 150 + 1e-9);
  });
});

describe("bootstrapMean", () => {
  const values = fc.array(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { maxLength: 3 }), {
    maxLength: 12,
  });

  it("surrounds the plain mean and stays inside the values", () => {
    fc.assert(
      fc.property(values, fc.integer(), (clusters, seed) => {
        const interval = bootstrapMean(clusters, { seed, resamples: 200 });
        const all = clusters.flat();
        if (all.length === 0) {
          expect(interval).toBeNull();
          return;
        }
        expect(interval!.value).toBeCloseTo(all.reduce((a, b) => a + b) / all.length, 9);
        expect(interval!.low).toBeLessThanOrEqual(interval!.high);
        expect(interval!.low).toBeGreaterThanOrEqual(Math.min(...all) - 1e-9);
        expect(interval!.high).toBeLessThanOrEqual(Math.max(...all) + 1e-9);
        expect(interval!.clusters).toBe(clusters.filter((cluster) => cluster.length > 0).length);
      }),
    );
  });

  it("is repeated by its seed", () => {
    const settings = { seed: 3, resamples: 500 };
    expect(bootstrapMean(golden.clusters.values, settings)).toEqual(
      bootstrapMean(golden.clusters.values, settings),
    );
    expect(bootstrapMean(golden.clusters.values, { ...settings, seed: 4 })).not.toEqual(
      bootstrapMean(golden.clusters.values, settings),
    );
  });

  it("is wider by √2 when values come in equal twos than when they are taken for independent", () => {
    const once = golden.skewed.values;
    const width = (clusters: number[][]) => {
      const { low, high } = bootstrapMean(clusters, { seed: 1, resamples: 20_000 })!;
      return high - low;
    };
    const ratio = width(once.map((value) => [value, value])) / width(alone([...once, ...once]));
    expect(Math.abs(ratio - Math.SQRT2)).toBeLessThan(0.05);
  });

  it("covers the truth about as often as it says", () => {
    const stream = new SeededStream(5, "coverage");
    let covered = 0;
    for (let run = 0; run < 300; run++) {
      const sample = Array.from({ length: 60 }, () => [
        Number(stream.chance(0.6)),
        Number(stream.chance(0.6)),
      ]);
      const { low, high } = bootstrapMean(sample, { seed: run, resamples: 400, level: 0.9 })!;
      if (low <= 0.6 && 0.6 <= high) covered++;
    }
    // 0.9 with a standard error of 0.017; the percentile interval is a little narrow at 60 clusters.
    expect(covered / 300).toBeGreaterThan(0.83);
    expect(covered / 300).toBeLessThan(0.96);
  });

  it("refuses settings that make no sense", () => {
    expect(() => bootstrapMean([[1]], { seed: 0, level: 95 })).toThrow(/^confidence level is 95; /);
    expect(() => bootstrapMean([[1]], { seed: 0, resamples: 0 })).toThrow(/^resamples is 0; /);
  });
});

describe("bootstrapDifference", () => {
  it("is narrower than the difference of two independent means where the sides go together", () => {
    const { before, after } = golden.difference;
    const settings = { seed: 2, resamples: 5000 };
    const width = ({ low, high }: Interval) => high - low;
    const paired = bootstrapDifference(alone(before), alone(after), settings)!;
    const sides = [before, after].map((values) => width(bootstrapMean(alone(values), settings)!));
    expect(width(paired)).toBeLessThan(0.8 * Math.hypot(...sides));
  });

  it("averages within clusters and leaves out pairs with an empty side", () => {
    const interval = bootstrapDifference([[1, 0], [1], [], [0]], [[1], [1, 1], [1], []], {
      seed: 0,
      resamples: 100,
    });
    expect(interval).toMatchObject({ value: 0.25, clusters: 2 });
  });

  it("refuses lists of different pairs", () => {
    expect(() => bootstrapDifference([[1]], [], { seed: 0 })).toThrow(/^1 and 0 pairs cannot be compared; /);
  });
});

describe("bootstrapStrata", () => {
  const weightedMean = (values: readonly number[]) => (draws: Float64Array) =>
    values.reduce((sum, value, i) => sum + draws[i]! * value, 0) / draws.reduce((a, b) => a + b);

  it("of one stratum is the bootstrap of the mean", () => {
    const { values } = golden.skewed;
    const { low, high } = bootstrapMean(alone(values), { seed: 4, resamples: 400 })!;
    const strata = bootstrapStrata([values.length], weightedMean(values), { seed: 4, resamples: 400 })!;
    expect(strata.low).toBeCloseTo(low, 12);
    expect(strata.high).toBeCloseTo(high, 12);
  });

  it("keeps each stratum's size, so that what does not vary inside strata does not vary", () => {
    const values = [1, 1, 1, 0, 0];
    const interval = bootstrapStrata([3, 2], weightedMean(values), { seed: 4, resamples: 100 })!;
    expect(interval.low).toBeCloseTo(0.6, 12);
    expect(interval.high).toBeCloseTo(0.6, 12);
    expect(bootstrapStrata([], () => 1, { seed: 4 })).toBeNull();
  });
});
