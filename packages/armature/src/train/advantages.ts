import { standardDeviation } from "../evaluation/moments.ts";

/**
 * How a group's rewards become advantages: `group` divides by the group's standard deviation (GRPO), `batch` by that of all
 * rewards of the batch (TRL's `scale_rewards: batch`, which divides by the sample deviation), `none` only centres (Dr. GRPO).
 */
export type AdvantageStd = "group" | "batch" | "none";

/** Added to the standard deviation; the paper states none, 1e-4 is what TRL uses. */
export const STD_EPSILON = 1e-4;

/**
 * Group-relative advantages Â_i = (R_i − b) / (std + ε), population standard deviation, over the rewards that exist. The
 * baseline b is the group's mean, or its mean weighted by `weights` (one per reward). `batchStd` is the divisor of `batch`.
 * A null reward stays null: it is left out of baseline and deviation and of the loss. Rubric-ARM, appendix A; GRPO.
 */
export function groupAdvantages(
  rewards: readonly (number | null)[],
  std: AdvantageStd,
  { batchStd = 1, weights }: { readonly batchStd?: number; readonly weights?: readonly number[] } = {},
): readonly (number | null)[] {
  const known = rewards.flatMap((reward, i) =>
    reward === null ? [] : [{ reward, weight: weights?.[i] ?? 1 }],
  );
  const total = known.reduce((sum, { weight }) => sum + weight, 0);
  const baseline = known.reduce((sum, { reward, weight }) => sum + weight * reward, 0) / total;
  const groupStd = standardDeviation(known.map(({ reward }) => reward)) ?? 0;
  const scale = { group: groupStd + STD_EPSILON, batch: batchStd + STD_EPSILON, none: 1 }[std];
  return rewards.map((reward) => (reward === null ? null : (reward - baseline) / scale));
}

/** True where no reward of the group differs from another, so that the policy gradient of the group is zero. */
export function isConstantGroup(rewards: readonly (number | null)[]): boolean {
  const known = rewards.filter((reward) => reward !== null);
  return known.every((reward) => reward === known[0]);
}
