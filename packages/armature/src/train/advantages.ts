/** How a group's rewards become advantages. `group` divides by the group's standard deviation, `none` only centres. */
export type AdvantageStd = "group" | "none";

/** Added to the standard deviation; the paper states none, 1e-4 is what TRL uses. */
export const STD_EPSILON = 1e-4;

/**
 * Group-relative advantages Â_i = (R_i − mean) / (std + ε), population standard deviation, over the rewards that exist.
 * A null reward stays null: it is left out of mean and deviation and of the loss. Rubric-ARM, appendix A; GRPO.
 */
export function groupAdvantages(
  rewards: readonly (number | null)[],
  std: AdvantageStd,
): readonly (number | null)[] {
  const known = rewards.filter((reward) => reward !== null);
  const mean = known.reduce((sum, reward) => sum + reward, 0) / known.length;
  const variance = known.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / known.length;
  const scale = std === "group" ? Math.sqrt(variance) + STD_EPSILON : 1;
  return rewards.map((reward) => (reward === null ? null : (reward - mean) / scale));
}

/** True where no reward of the group differs from another, so that the policy gradient of the group is zero. */
export function isConstantGroup(rewards: readonly (number | null)[]): boolean {
  const known = rewards.filter((reward) => reward !== null);
  return known.every((reward) => reward === known[0]);
}
