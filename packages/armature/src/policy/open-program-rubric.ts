import type { RewardRecipe } from "../config/policy-recipe.ts";
import { ConfigError } from "../errors.ts";
import type { OpenReward } from "../reward/policy-reward.ts";
import { programRubricReward } from "../reward/program-rubric-reward.ts";
import { readRubricItems } from "../rubric/read-rubric-items.ts";
import type { RewardOpening } from "./open-reward.ts";

/** The reward of a rubric file by program. Throws `DataError` for the file, and `ConfigError` for its number of rubrics or programs. */
export async function openProgramRubric(
  { rubricFile, aggregation }: Extract<RewardRecipe, { kind: "program-rubric" }>,
  { resolve }: Pick<RewardOpening, "resolve">,
): Promise<OpenReward> {
  const file = resolve(rubricFile);
  const { items } = await readRubricItems(file);
  if (items.length !== 1)
    throw new ConfigError(
      `reward.rubricFile ${file}: holds ${items.length} rubrics; give one, for it judges every prompt`,
    );
  return { reward: programRubricReward(items[0]!.rubric, aggregation), close: async () => undefined };
}
