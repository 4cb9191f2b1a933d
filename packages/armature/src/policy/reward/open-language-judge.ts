import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fixedRubric } from "../../cli/judging/response-rows.ts";
import { readRubricMap } from "../../cli/judging/rubric-map.ts";
import type { RewardOf } from "../../config/reward-recipe.ts";
import type { Prompt } from "../../data/prompt.ts";
import { ConfigError, DataError } from "../../errors.ts";
import { isRatingMode, judgeOfMode, MODE_AGGREGATIONS } from "../../judge/judge-modes.ts";
import { finishingCalls } from "../../llm/finishing-calls.ts";
import { openLanguageModels } from "../../llm/open-language-model.ts";
import {
  AGGREGATORS,
  type AggregatorName,
  RATING_REWARDS,
  type RatingRewardName,
  withMinimumCoverage,
} from "../../reward/aggregators.ts";
import { languageJudgeReward } from "../../reward/language-judge-reward.ts";
import type { OpenReward } from "../../reward/policy-reward.ts";
import { type RewardEvidence, rubricRewardModel } from "../../reward/reward-model.ts";
import type { RewardOpening } from "./open-reward.ts";

/**
 * A language model that rates responses. Its answers are logged in the run's folder, so that a resumed run asks nothing twice.
 * Throws `ConfigError` for settings that do not go together, `DataError` for the file of rubrics, and what opening the model throws.
 */
export async function openLanguageJudge(
  recipe: RewardOf<"language-judge">,
  opening: RewardOpening,
): Promise<OpenReward> {
  const { mode, concurrency, temperature, criteriaPerCall, maxTokens } = recipe;
  const scoring = scoringOf(recipe);
  const evidenceOf = await evidence(recipe, opening.resolve);
  const { answers } = opening;
  if (answers !== undefined) mkdirSync(dirname(answers), { recursive: true });
  const opened = await openLanguageModels([recipe.model], {
    ...{ cwd: opening.resolve("."), concurrency, seed: opening.seed },
    ...(answers !== undefined && { cache: answers }),
    ...(recipe.modelName !== null && { modelName: recipe.modelName }),
    ...(recipe.apiKeyEnv !== null && { apiKeyEnv: recipe.apiKeyEnv }),
  });
  const judge = judgeOfMode({
    ...{ mode, model: finishingCalls(opened.models[0]!), temperature },
    ...(temperature > 0 && { seed: opening.seed }),
    ...(criteriaPerCall !== null && { criteriaPerCall }),
    ...(maxTokens !== null && { maxTokens }),
  });
  const model = rubricRewardModel({ judge, ...scoring });
  return {
    reward: languageJudgeReward({ model, evidenceOf, concurrency }),
    close: () => opened.close(),
  };
}

function scoringOf({ mode, aggregate, minCoverage }: RewardOf<"language-judge">) {
  const aggregation = aggregate ?? MODE_AGGREGATIONS[mode];
  const known = Object.keys(isRatingMode(mode) ? RATING_REWARDS : AGGREGATORS);
  if (!known.includes(aggregation))
    throw new ConfigError(
      `reward.aggregate is ${aggregation}; with mode ${mode} choose ${known.join(", ")}, or null for the mode's own`,
    );
  return {
    aggregation,
    aggregate: withMinimumCoverage(
      AGGREGATORS[aggregation as AggregatorName] ?? AGGREGATORS.mean,
      minCoverage,
    ),
    ratingReward: RATING_REWARDS[aggregation as RatingRewardName] ?? RATING_REWARDS["rating-range"],
  };
}

/** Rubric and reference of each prompt. */
async function evidence(
  { mode, rubricFile }: RewardOf<"language-judge">,
  resolve: (path: string) => string,
): Promise<(prompt: Prompt) => RewardEvidence> {
  const fixed = fixedRubric(mode, null);
  if (rubricFile === null) {
    if (fixed === null || mode === "reference-likert")
      throw new ConfigError(
        `reward.rubricFile is null; with mode ${mode} name a file of rubrics${mode === "reference-likert" ? " with references" : ""} by prompt`,
      );
    return () => ({ rubric: fixed });
  }
  const known = await readRubricMap(resolve(rubricFile));
  return (prompt) => {
    const item = known.get(prompt);
    const rubric = fixed ?? item?.rubric;
    const reference = item?.reference ?? null;
    if (rubric === undefined)
      throw new DataError(`${rubricFile}: prompt ${prompt.id} has no rubric; add one for each prompt`);
    if (mode === "reference-likert" && reference === null)
      throw new DataError(
        `${rubricFile}: prompt ${prompt.id} has no reference; add one, or take mode likert`,
      );
    return { rubric, ...(reference !== null && { reference }) };
  };
}
