import type { RewardOf } from "../../config/reward-recipe.ts";
import { pointwiseReward } from "../../reward/pointwise-reward.ts";
import type { OpenReward } from "../../reward/policy-reward.ts";
import { openScalarReward } from "../../reward/scalar-reward.ts";
import type { RewardOpening } from "./open-reward.ts";

/** A scalar model of a run as reward: its raw score, whose zero and scale mean nothing. Throws as `openScalarReward`. */
export async function openBradleyTerry(
  { run }: RewardOf<"bradley-terry">,
  { resolve, threads }: RewardOpening,
): Promise<OpenReward> {
  const scalar = await openScalarReward(resolve(run), threads === null ? {} : { threads });
  const reward = pointwiseReward(scalar.id, async (responses) =>
    (await scalar.scores(responses)).map((value) => ({ value, components: {} })),
  );
  return { reward, close: () => scalar.close() };
}
