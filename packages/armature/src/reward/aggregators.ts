import { ConfigError } from "../errors.ts";
import type { Aggregator } from "./aggregate.ts";
import { allMet, anyMet, gated, maximumCredit, minimumCredit } from "./logical-aggregators.ts";
import { absolute, clamped, healthBench } from "./points-share.ts";
import { type RatingReward, ratingRange, ratingShare } from "./rating-reward.ts";
import { arrow, arrowSum, arrowUniformSum } from "./signed-probability.ts";
import {
  chasingTheTail,
  chasingTheTailSum,
  meanCredit,
  rarExplicit,
  rarExplicitV1,
} from "./weighted-mean.ts";

/** Aggregators by the names that the command line knows. */
export const AGGREGATORS = {
  "rar-explicit": rarExplicit,
  "rar-explicit-v1": rarExplicitV1,
  "chasing-the-tail": chasingTheTail,
  "chasing-the-tail-sum": chasingTheTailSum,
  healthbench: healthBench,
  clamped,
  absolute,
  gated,
  all: allMet,
  any: anyMet,
  min: minimumCredit,
  max: maximumCredit,
  mean: meanCredit,
  arrow,
  "arrow-sum": arrowSum,
  "arrow-uniform-sum": arrowUniformSum,
} as const satisfies Readonly<Record<string, Aggregator>>;

/** Name of an aggregator of verdicts. */
export type AggregatorName = keyof typeof AGGREGATORS;

/** Normalisations of ratings by the names that the command line knows. */
export const RATING_REWARDS = {
  "rating-range": ratingRange,
  "rating-share": ratingShare,
} as const satisfies Readonly<Record<string, RatingReward>>;

/** Name of a normalisation of ratings. */
export type RatingRewardName = keyof typeof RATING_REWARDS;

/**
 * The aggregator with a rule on top: no score where less than `minimum` of the rubric's weight was judged, 0 to 1. Throws
 * `ConfigError` for another minimum.
 */
export function withMinimumCoverage(aggregator: Aggregator, minimum: number): Aggregator {
  if (!(minimum >= 0 && minimum <= 1))
    throw new ConfigError(`minimum coverage is ${minimum}; give a share from 0 to 1`);
  return (rubric, verdicts) => {
    const { score, coverage } = aggregator(rubric, verdicts);
    return { score: coverage < minimum ? null : score, coverage };
  };
}
