import { SeededStream } from "@armature/engine";
import { ConfigError } from "../errors.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { Rubric } from "../rubric/rubric.ts";
import { healthBench } from "./points-share.ts";

/** HealthBench's numbers about a set of examples. */
export interface HealthBenchScore {
  /** Mean of the examples' scores, clipped to 0 … 1 as a whole. */
  readonly score: number;
  /** Standard deviation of the clipped means of bootstrap resamples. */
  readonly bootstrapStd: number;
  /** Examples with a score, and those without one, which are left out. */
  readonly examples: number;
  readonly unscored: number;
}

/**
 * Mean over examples, clipped once at the end, with the bootstrap deviation over `resamples` (simple-evals: 1,000, population
 * deviation). Null where no example has a score.
 */
export function healthBenchScore(
  scores: readonly (number | null)[],
  { seed, resamples = 1000 }: { readonly seed: number; readonly resamples?: number },
): HealthBenchScore | null {
  if (!Number.isInteger(resamples) || resamples < 1)
    throw new ConfigError(`resamples is ${resamples}; give a whole number of at least 1`);
  const values = scores.filter((score) => score !== null);
  if (values.length === 0) return null;
  const stream = new SeededStream(seed, "healthbench bootstrap");
  const means = Array.from({ length: resamples }, () =>
    clippedMean(values.map(() => values[stream.below(values.length)]!)),
  );
  const centre = mean(means);
  return {
    score: clippedMean(values),
    bootstrapStd: Math.sqrt(mean(means.map((one) => (one - centre) ** 2))),
    examples: values.length,
    unscored: scores.length - values.length,
  };
}

/**
 * One example's score on the criteria of each tag, by the same formula; null for a tag without positive points. Tags in the
 * order they appear.
 */
export function healthBenchTagScores(
  rubric: Rubric,
  verdicts: readonly CriterionVerdict[],
): ReadonlyMap<string, number | null> {
  const tags = new Set(rubric.criteria.flatMap((criterion) => criterion.tags ?? []));
  const scoreOn = (tag: string) => {
    const has = rubric.criteria.map((criterion) => criterion.tags?.includes(tag) ?? false);
    const criteria = rubric.criteria.filter((_, i) => has[i]);
    return healthBench(
      { criteria },
      verdicts.filter((_, i) => has[i]),
    ).score;
  };
  return new Map([...tags].map((tag) => [tag, scoreOn(tag)]));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const clippedMean = (values: readonly number[]): number => Math.min(1, Math.max(0, mean(values)));
