import type { ArmRecipe, Recipe, SftRecipe } from "./recipe-schema.ts";

/** Completion tokens that one part of a run decodes and trains at most. */
export interface CostRow {
  readonly part: string;
  readonly decodedTokens: number;
  readonly trainedTokens: number;
}

/**
 * Upper bounds from a recipe's counts: every completion as long as it may be, every group kept. Prompts come on top: they
 * depend on the data, and a group shares its prompt.
 */
export function estimateCost(recipe: Recipe): readonly CostRow[] {
  return recipe.method === "arm" ? armCost(recipe) : sftCost(recipe);
}

function armCost(recipe: ArmRecipe): readonly CostRow[] {
  const { judge, generator, evaluation, rounds } = recipe;
  const pairs = rounds * recipe.pairsPerRound;
  const judgements = pairs * judge.passes * judge.groupSize;
  const rubrics = pairs * generator.passes * generator.groupSize;
  const read = recipe.staticRubric !== null ? 0 : recipe.cacheRubrics ? pairs : judgements;
  const phases =
    recipe.order === "simultaneous" ? 1 : Number(recipe.trainJudge) + Number(recipe.trainGenerator);
  // Each evaluated pair: one rubric, then a judgement in both orders; before and after training also the votes.
  const watched = rounds * phases * evaluation.everyPhasePairs;
  const votes = evaluation.votes > 1 ? evaluation.votes : 0;
  const evaluated =
    watched * (generator.maxTokens + 2 * judge.maxTokens) +
    2 * evaluation.pairs * (generator.maxTokens + (2 + votes) * judge.maxTokens);
  return [
    ...(recipe.trainJudge
      ? [
          {
            part: "judge phases",
            decodedTokens: judgements * judge.maxTokens + read * generator.maxTokens,
            trainedTokens: judgements * judge.maxTokens * judge.innerUpdates,
          },
        ]
      : []),
    ...(recipe.trainGenerator
      ? [
          {
            part: "generator phases",
            // One greedy judgement for each rubric.
            decodedTokens: rubrics * (generator.maxTokens + judge.maxTokens),
            trainedTokens: rubrics * generator.maxTokens * generator.innerUpdates,
          },
        ]
      : []),
    { part: "evaluation", decodedTokens: evaluated, trainedTokens: 0 },
  ];
}

/** The number of examples is the data's, so the bound is per step. */
function sftCost(recipe: SftRecipe): readonly CostRow[] {
  return [{ part: "each step", decodedTokens: 0, trainedTokens: recipe.batchSize * recipe.maxTokens }];
}
