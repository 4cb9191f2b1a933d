import type { RatingVerdict } from "../judge/criterion-verdict.ts";

/** A rating to a number; null where there is none. */
export type RatingReward = (rating: RatingVerdict) => number | null;

/**
 * Rating over the highest one: 1 to 10 becomes 0.1 to 1. Rubrics as Rewards states that ratings are normalised to [0, 1] and
 * not how; DR-Tulu's copy divides by 10.
 */
export const ratingShare: RatingReward = (rating) =>
  rating.status === "scored" ? rating.rating / rating.highest : null;

/** Place of the rating in its range: 1 to 10 becomes 0 to 1, (rating − 1) / 9. The other reading of the same sentence. */
export const ratingRange: RatingReward = (rating) =>
  rating.status === "scored" ? (rating.rating - rating.lowest) / (rating.highest - rating.lowest) : null;
