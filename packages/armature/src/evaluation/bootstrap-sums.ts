import { SeededStream } from "@armature/engine";
import { type BootstrapSettings, quantile } from "./bootstrap.ts";

/** Values in clusters that are drawn as wholes within strata; each value counts in one group. */
export interface ClusteredValues {
  /** Clusters of each stratum; they are numbered over all strata in order. */
  readonly strata: readonly number[];
  /** Cluster, group and value, one entry a value. */
  readonly clusterOf: Int32Array;
  readonly groupOf: Int32Array;
  readonly values: Float64Array;
  readonly groups: number;
}

/** Sums and counts of every group in every resample. */
export interface ResampledSums {
  /** Clusters that have a value in each group. */
  readonly clusters: readonly number[];
  /**
   * Percentile interval of a statistic of the groups' sums and counts; resamples in which it is null (its group was not drawn)
   * are left out.
   */
  interval(statistic: (sums: Float64Array, counts: Float64Array) => number | null): {
    readonly low: number;
    readonly high: number;
  };
}

/**
 * Draws clusters within strata, each stratum as often as it has clusters, and adds up what falls into each group. One pass of
 * numbers a resample, from which the interval of any mean of means follows: suites may have 100,000 comparisons. Draws are
 * those of `bootstrapStrata`.
 */
export function bootstrapSums(
  clustered: ClusteredValues,
  { seed, level = 0.95, resamples = 10_000 }: BootstrapSettings,
): ResampledSums {
  const { strata, groups } = clustered;
  const { starts, entryCluster, entryGroup, entrySum, entryCount } = clusterEntries(clustered);
  const stream = new SeededStream(seed, "bootstrap");
  // How often each cluster of a stratum was drawn: counted in a small array, then read in order, which keeps to the cache.
  const times = new Uint32Array(Math.max(0, ...strata));
  const drawn = Array.from({ length: resamples }, () => {
    const sums = new Float64Array(groups);
    const counts = new Float64Array(groups);
    let first = 0;
    for (const size of strata) {
      times.fill(0, 0, size);
      for (let i = 0; i < size; i++) times[stream.below(size)]!++;
      const end = starts[first + size]!;
      for (let entry = starts[first]!; entry < end; entry++) {
        const weight = times[entryCluster[entry]! - first]!;
        const group = entryGroup[entry]!;
        sums[group]! += weight * entrySum[entry]!;
        counts[group]! += weight * entryCount[entry]!;
      }
      first += size;
    }
    return { sums, counts };
  });
  const tail = (1 - level) / 2;
  const clusters = new Array<number>(groups).fill(0);
  for (const group of entryGroup) clusters[group]!++;
  return {
    clusters,
    interval(statistic) {
      const values = drawn.flatMap(({ sums, counts }) => statistic(sums, counts) ?? []);
      const sorted = Float64Array.from(values).sort();
      return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
    },
  };
}

/** For each cluster, its sum and count in every group that it has a value in: entries `starts[c]` up to `starts[c + 1]`. */
function clusterEntries({ strata, clusterOf, groupOf, values, groups }: ClusteredValues) {
  const clusters = strata.reduce((sum, size) => sum + size, 0);
  const entries = new Map<number, number>();
  const entryOf = clusterOf.map((cluster, i) => {
    const key = cluster * groups + groupOf[i]!;
    const known = entries.get(key);
    if (known !== undefined) return known;
    entries.set(key, entries.size);
    return entries.size - 1;
  });
  // From the order of first appearance to the clusters' order.
  const keys = Float64Array.from(entries.keys()).sort();
  const placeOf = new Int32Array(keys.length);
  for (const [place, key] of keys.entries()) placeOf[entries.get(key)!] = place;
  const entryCluster = Int32Array.from(keys, (key) => Math.floor(key / groups));
  const entrySum = new Float64Array(keys.length);
  const entryCount = new Float64Array(keys.length);
  for (let i = 0; i < values.length; i++) {
    const place = placeOf[entryOf[i]!]!;
    entrySum[place]! += values[i]!;
    entryCount[place]!++;
  }
  const starts = new Int32Array(clusters + 1);
  for (const cluster of entryCluster) starts[cluster + 1]!++;
  for (let cluster = 0; cluster < clusters; cluster++) starts[cluster + 1]! += starts[cluster]!;
  return {
    starts,
    entryCluster,
    entryGroup: Int32Array.from(keys, (key) => key % groups),
    entrySum,
    entryCount,
  };
}
