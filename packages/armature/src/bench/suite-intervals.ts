import type { BootstrapSettings, Interval } from "../evaluation/bootstrap.ts";
import { bootstrapSums } from "../evaluation/bootstrap-sums.ts";
import { wilsonInterval } from "../evaluation/significance.ts";
import type { Contribution, GroupMean, JudgedItem, SuiteAverage } from "./bench-suite.ts";
import { groupMeans } from "./grading.ts";

/** The prompts of a suite, which are drawn as wholes: items of one prompt share responses and are not independent. */
export interface PromptDraws {
  /** Prompt of each item, numbered stratum by stratum; a prompt belongs to the subset of its first item. */
  readonly promptOf: Int32Array;
  /** Number of prompts of each subset; subsets of one prompt are drawn together. */
  readonly strata: readonly number[];
}

/** The suite's average and the means of its groups, with their intervals. */
export interface SuiteIntervals {
  /** Null where the average is. */
  readonly average: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** In order of first appearance; groups without a value are left out. */
  readonly groups: readonly { readonly name: string; readonly count: number; readonly accuracy: Interval }[];
}

/** Numbers the prompts of judged items. */
export function promptDraws(judged: readonly JudgedItem[]): PromptDraws {
  const subsets = new Map<string, { readonly place: number; size: number }>();
  const known = new Map<string, { readonly subset: number; readonly place: number }>();
  const prompts = judged.map(({ item }) => {
    const found = known.get(item.prompt.id);
    if (found !== undefined) return found;
    let subset = subsets.get(item.subset);
    if (subset === undefined) {
      subset = { place: subsets.size, size: 0 };
      subsets.set(item.subset, subset);
    }
    const own = { subset: subset.place, place: subset.size++ };
    known.set(item.prompt.id, own);
    return own;
  });
  // A subset of one prompt has nothing to draw from; all of them together are one stratum (collapsed strata).
  const sizes = [...subsets.values()].map(({ size }) => size);
  const large = sizes.filter((size) => size > 1);
  const singles = sizes.length - large.length;
  const strata = singles === 0 ? large : [...large, singles];
  let [next, single] = [0, large.reduce((sum, size) => sum + size, 0)];
  const starts = sizes.map((size) => {
    if (size === 1) return single++;
    const start = next;
    next += size;
    return start;
  });
  return { promptOf: Int32Array.from(prompts, ({ subset, place }) => starts[subset]! + place), strata };
}

/**
 * Average and groups with percentile intervals of one bootstrap: prompts are drawn within subsets, and each resample gives every
 * mean. Where all of a group are right or all wrong no resample differs, and Wilson's interval over prompts takes its place.
 */
export function suiteIntervals(
  average: SuiteAverage,
  contributions: readonly Contribution[],
  { promptOf, strata }: PromptDraws,
  settings: BootstrapSettings,
): SuiteIntervals {
  const means = groupMeans(contributions);
  const names = [...means.keys()];
  if (names.length === 0) return { average: null, groups: [] };
  const places = new Map(names.map((name, i) => [name, i]));
  const measured = contributions.filter(({ value }) => value !== null);
  const resampled = bootstrapSums(
    {
      strata,
      clusterOf: Int32Array.from(measured, ({ item }) => promptOf[item]!),
      groupOf: Int32Array.from(measured, ({ group }) => places.get(group)!),
      values: Float64Array.from(measured, ({ value }) => value!),
      groups: names.length,
    },
    settings,
  );
  const value = average.of(means);
  return {
    average:
      value === null
        ? null
        : {
            value,
            ...resampled.interval((sums, counts) => average.of(drawnMeans(names, sums, counts)) ?? value),
          },
    groups: names.map((name, i) => {
      const { mean, count } = means.get(name)!;
      const clusters = resampled.clusters[i]!;
      const bounds = resampled.interval((sums, counts) => (counts[i]! > 0 ? sums[i]! / counts[i]! : null));
      const constant =
        mean === 0 || mean === 1 ? wilsonInterval(mean * clusters, clusters, settings.level) : null;
      return { name, count, accuracy: { value: mean, ...bounds, ...constant, clusters } };
    }),
  };
}

function drawnMeans(
  names: readonly string[],
  sums: Float64Array,
  counts: Float64Array,
): ReadonlyMap<string, GroupMean> {
  const means = new Map<string, GroupMean>();
  for (const [i, name] of names.entries())
    if (counts[i]! > 0) means.set(name, { mean: sums[i]! / counts[i]!, count: counts[i]! });
  return means;
}
