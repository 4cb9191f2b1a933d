import { SeededStream } from "@armature/engine";
import { ConfigError } from "../errors.ts";

/** A measured mean and the bounds of its confidence interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Clusters (pairs) behind it. */
  readonly clusters: number;
}

/** How an interval is drawn. */
export interface BootstrapSettings {
  readonly seed: number;
  /** Coverage of the interval, default 0.95. */
  readonly level?: number;
  /** Default 10,000, which leaves each bound uncertain by less than 1 % of the interval's width. */
  readonly resamples?: number;
}

/**
 * Mean of all values, with the percentile bootstrap interval of Efron and Tibshirani (1993, chapter 13). Values come in
 * clusters that are drawn together: a pair's judgements in both orders are not independent. Each resample draws as many
 * clusters as there are and takes the mean of their values. Empty clusters are left out; null where none has a value.
 */
export function bootstrapMean(
  clusters: readonly (readonly number[])[],
  settings: BootstrapSettings,
): Interval | null {
  const { seed, level = 0.95, resamples = 10_000 } = settings;
  if (!(level > 0 && level < 1))
    throw new ConfigError(`confidence level is ${level}; give a number between 0 and 1`);
  if (!Number.isInteger(resamples) || resamples < 1)
    throw new ConfigError(`resamples is ${resamples}; give a whole number of at least 1`);
  const filled = clusters.filter((cluster) => cluster.length > 0);
  if (filled.length === 0) return null;
  const { value, means } = resampledMeans(filled, seed, resamples);
  means.sort();
  const tail = (1 - level) / 2;
  return { value, low: quantile(means, tail), high: quantile(means, 1 - tail), clusters: filled.length };
}

/** The mean of all values, and the mean of each resample of clusters. */
function resampledMeans(
  filled: readonly (readonly number[])[],
  seed: number,
  resamples: number,
): { readonly value: number; readonly means: Float64Array } {
  const sums = Float64Array.from(filled, (cluster) => cluster.reduce((sum, value) => sum + value, 0));
  const sizes = Float64Array.from(filled, (cluster) => cluster.length);
  const stream = new SeededStream(seed, "bootstrap");
  const means = new Float64Array(resamples).map(() => {
    let sum = 0;
    let size = 0;
    for (let i = 0; i < filled.length; i++) {
      const drawn = stream.below(filled.length);
      sum += sums[drawn]!;
      size += sizes[drawn]!;
    }
    return sum / size;
  });
  return { value: sums.reduce((a, b) => a + b) / sizes.reduce((a, b) => a + b), means };
}

/**
 * Mean over clusters of after − before, each cluster's values averaged first, with its interval. The difference is paired:
 * cluster i is the same pair on both sides, which removes the variance that the two share. Clusters that are empty on
 * either side are left out. Throws `ConfigError` where the lists differ in length.
 */
export function bootstrapDifference(
  before: readonly (readonly number[])[],
  after: readonly (readonly number[])[],
  settings: BootstrapSettings,
): Interval | null {
  return bootstrapMean(pairedDifferences(before, after), settings);
}

/**
 * Two-sided p-value of the paired bootstrap for "the mean difference is 0": how often a resample of the differences, shifted
 * to mean 0, lies as far from it as the measured one (Efron and Tibshirani 1993, section 16.4), counting the measurement
 * itself. Null where no cluster has a value on both sides.
 */
export function bootstrapDifferencePValue(
  before: readonly (readonly number[])[],
  after: readonly (readonly number[])[],
  { seed, resamples = 10_000 }: BootstrapSettings,
): number | null {
  const filled = pairedDifferences(before, after).filter((cluster) => cluster.length > 0);
  if (filled.length === 0) return null;
  const { value, means } = resampledMeans(filled, seed, resamples);
  // Sums in another order differ in their last digits; a tie is still a tie.
  const measured = Math.abs(value) - 1e-12;
  const asFar = means.reduce((count, mean) => count + Number(Math.abs(mean - value) >= measured), 0);
  return (1 + asFar) / (1 + resamples);
}

function pairedDifferences(
  before: readonly (readonly number[])[],
  after: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  if (before.length !== after.length)
    throw new ConfigError(
      `${before.length} and ${after.length} pairs cannot be compared; judge the same pairs twice`,
    );
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return before.map((values, i) =>
    values.length > 0 && after[i]!.length > 0 ? [mean(after[i]!) - mean(values)] : [],
  );
}

/**
 * Percentile interval of any statistic of items that are drawn within strata, each stratum as often as it has items: for means
 * of means, where a plain mean over items would give large strata more weight. `statistic` gets how often each item was drawn
 * (items are numbered over all strata in order). Null where there are no items.
 */
export function bootstrapStrata(
  strata: readonly number[],
  statistic: (draws: Float64Array) => number,
  { seed, level = 0.95, resamples = 10_000 }: BootstrapSettings,
): { readonly low: number; readonly high: number } | null {
  const total = strata.reduce((sum, size) => sum + size, 0);
  if (total === 0) return null;
  const stream = new SeededStream(seed, "bootstrap");
  const draws = new Float64Array(total);
  const values = new Float64Array(resamples).map(() => {
    draws.fill(0);
    let start = 0;
    for (const size of strata) {
      for (let i = 0; i < size; i++) draws[start + stream.below(size)]!++;
      start += size;
    }
    return statistic(draws);
  });
  values.sort();
  const tail = (1 - level) / 2;
  return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
}

/** Quantile of sorted values, linear between order statistics (Hyndman and Fan 1996, type 7; NumPy's default). */
export function quantile(sorted: Float64Array, p: number): number {
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}
