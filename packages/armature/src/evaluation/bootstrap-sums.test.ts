import { describe, expect, it } from "vitest";
import { bootstrapStrata } from "./bootstrap.ts";
import { bootstrapSums } from "./bootstrap-sums.ts";

describe("bootstrapSums", () => {
  // Two strata of 3 and 2 clusters; cluster 1 has two values of group 0 and one of group 1, cluster 4 has none.
  const clustered = {
    strata: [3, 2],
    clusterOf: Int32Array.of(3, 1, 0, 1, 2, 1),
    groupOf: Int32Array.of(1, 0, 0, 1, 1, 0),
    values: Float64Array.of(1, 0.5, 1, 0, 1, 0),
    groups: 2,
  };
  const settings = { seed: 5, resamples: 300 };

  it("draws what bootstrapStrata draws", () => {
    const { clusterOf, groupOf, values } = clustered;
    const meanOf = (draws: Float64Array, group: number) => {
      let [sum, count] = [0, 0];
      for (const [i, value] of values.entries())
        if (groupOf[i] === group) {
          sum += draws[clusterOf[i]!]! * value;
          count += draws[clusterOf[i]!]!;
        }
      return count === 0 ? 0 : sum / count;
    };
    const expected = bootstrapStrata([3, 2], (draws) => meanOf(draws, 0) + 2 * meanOf(draws, 1), settings)!;
    const share = (sums: Float64Array, counts: Float64Array, group: number) =>
      counts[group] === 0 ? 0 : sums[group]! / counts[group]!;
    const found = bootstrapSums(clustered, settings).interval(
      (sums, counts) => share(sums, counts, 0) + 2 * share(sums, counts, 1),
    );
    expect(found.low).toBeCloseTo(expected.low, 12);
    expect(found.high).toBeCloseTo(expected.high, 12);
  });

  it("counts the clusters of each group and leaves out resamples without it", () => {
    const resampled = bootstrapSums(clustered, settings);
    expect(resampled.clusters).toEqual([2, 3]);
    const { low, high } = resampled.interval((sums, counts) =>
      counts[0]! > 0 ? sums[0]! / counts[0]! : null,
    );
    // Cluster 0 alone gives 1, cluster 1 alone the mean of 0.5 and 0.
    expect(low).toBeCloseTo(0.25, 12);
    expect(high).toBe(1);
  });
});
