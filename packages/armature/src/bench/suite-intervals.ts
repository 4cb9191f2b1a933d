import {
  type BootstrapSettings,
  bootstrapMean,
  bootstrapStrata,
  type Interval,
} from "../evaluation/bootstrap.ts";
import { wilsonInterval } from "../evaluation/significance.ts";
import type { Contribution, JudgedItem, SuiteAverage } from "./bench-suite.ts";
import { groupMeans } from "./grading.ts";

/** The prompts of a suite, which are drawn as wholes: items of one prompt share responses and are not independent. */
export interface PromptDraws {
  /** Prompt of each item, numbered subset by subset; a prompt belongs to the subset of its first item. */
  readonly promptOf: Int32Array;
  /** Number of prompts of each subset. */
  readonly strata: readonly number[];
}

/** Numbers the prompts of judged items. */
export function promptDraws(judged: readonly JudgedItem[]): PromptDraws {
  const subsets = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const { item } of judged) {
    if (seen.has(item.prompt.id)) continue;
    seen.add(item.prompt.id);
    const own = subsets.get(item.subset);
    if (own) own.push(item.prompt.id);
    else subsets.set(item.subset, [item.prompt.id]);
  }
  const place = new Map([...subsets.values()].flat().map((prompt, i) => [prompt, i]));
  return {
    promptOf: Int32Array.from(judged, ({ item }) => place.get(item.prompt.id)!),
    strata: [...subsets.values()].map((prompts) => prompts.length),
  };
}

/**
 * Mean of each group with its interval, in order of first appearance; groups without a value are left out. Where all are right
 * or all wrong no resample differs, and Wilson's interval over prompts takes the bootstrap's place.
 */
export function groupIntervals(
  contributions: readonly Contribution[],
  { promptOf }: PromptDraws,
  settings: BootstrapSettings,
): readonly { readonly name: string; readonly count: number; readonly accuracy: Interval }[] {
  return [...groupMeans(contributions)].map(([name, { count }]) => {
    const byPrompt = new Map<number, number[]>();
    for (const { item, group, value } of contributions) {
      if (group !== name || value === null) continue;
      const own = byPrompt.get(promptOf[item]!);
      if (own) own.push(value);
      else byPrompt.set(promptOf[item]!, [value]);
    }
    const accuracy = bootstrapMean([...byPrompt.values()], settings)!;
    const { value, clusters } = accuracy;
    const constant =
      value === 0 || value === 1 ? wilsonInterval(value * clusters, clusters, settings.level) : null;
    return { name, count, accuracy: { ...accuracy, ...constant } };
  });
}

/** The suite's average with its interval, prompts drawn within subsets. Null where the average is. */
export function averageInterval(
  average: SuiteAverage,
  contributions: readonly Contribution[],
  { promptOf, strata }: PromptDraws,
  settings: BootstrapSettings,
): { readonly value: number; readonly low: number; readonly high: number } | null {
  const value = average.of(groupMeans(contributions));
  if (value === null) return null;
  const measured = contributions.filter((one) => one.value !== null);
  const names = [...new Set(measured.map(({ group }) => group))];
  const places = new Map(names.map((name, i) => [name, i]));
  // One pass over numbers a resample: a suite may have 100,000 comparisons.
  const prompts = Int32Array.from(measured, ({ item }) => promptOf[item]!);
  const groups = Int32Array.from(measured, ({ group }) => places.get(group)!);
  const values = Float64Array.from(measured, (one) => one.value!);
  const sums = new Float64Array(names.length);
  const counts = new Float64Array(names.length);
  const statistic = (draws: Float64Array): number => {
    sums.fill(0);
    counts.fill(0);
    for (let i = 0; i < values.length; i++) {
      const weight = draws[prompts[i]!]!;
      sums[groups[i]!]! += weight * values[i]!;
      counts[groups[i]!]! += weight;
    }
    const means = names.flatMap((name, i) =>
      counts[i] === 0 ? [] : [[name, { mean: sums[i]! / counts[i]!, count: counts[i]! }] as const],
    );
    return average.of(new Map(means)) ?? value;
  };
  return { value, ...bootstrapStrata(strata, statistic, settings)! };
}
