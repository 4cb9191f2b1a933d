import { readRubricMap } from "../../cli/judging/rubric-map.ts";
import type { RewardOf } from "../../config/reward-recipe.ts";
import { DataError } from "../../errors.ts";
import { programChecks } from "../../judge/program-judge.ts";
import type { OpenReward } from "../../reward/policy-reward.ts";
import { programRubricReward } from "../../reward/program-rubric-reward.ts";
import { readRubricItems } from "../../rubric/read-rubric-items.ts";
import type { RewardOpening } from "./open-reward.ts";

/**
 * The reward of a rubric file by program: a rubric without prompt judges every prompt that has none of its own. Throws
 * `DataError` for the file, and `ConfigError` where a criterion names no program; the reward throws `DataError` for a prompt
 * without rubric.
 */
export async function openProgramRubric(
  { rubricFile, aggregation }: RewardOf<"program-rubric">,
  { resolve }: Pick<RewardOpening, "resolve">,
): Promise<OpenReward> {
  const file = resolve(rubricFile);
  for (const { rubric } of (await readRubricItems(file)).items) programChecks(rubric);
  const rubrics = await readRubricMap(file);
  const reward = programRubricReward((prompt) => {
    const item = rubrics.get(prompt);
    if (item === undefined)
      throw new DataError(`${rubricFile}: prompt ${prompt.id} has no rubric; add one for each prompt`);
    return item.rubric;
  }, aggregation);
  return { reward, close: async () => undefined };
}
