import type { BradleyTerryRecipe } from "./bradley-terry-recipe.ts";
import { ownComparisons } from "./pairs-recipe.ts";
import type {
  BestOfNRecipe,
  DpoRecipe,
  GivenPairsRecipe,
  GrpoRecipe,
  PolicyRecipe,
  SftChosenRecipe,
} from "./policy-recipe.ts";
import type { ArmRecipe, Recipe, SftRecipe } from "./recipe-schema.ts";

/** Longest request and note of the sandbox together. */
const SANDBOX_TOKENS = 80;

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
  switch (recipe.method) {
    case "arm":
      return armCost(recipe);
    case "sft":
      return sftCost(recipe);
    case "grpo":
      return [grpoCost(recipe), policyEvaluationCost(recipe, recipe.steps)];
    case "dpo":
      return [dpoCost(recipe), policyEvaluationCost(recipe, policySteps(recipe))];
    case "best-of-n":
      return [bestOfNCost(recipe), policyEvaluationCost(recipe, policySteps(recipe))];
    case "sft-chosen":
      return [
        givenPairsCost(recipe.pairs, { responses: 1, ...recipe }),
        policyEvaluationCost(recipe, policySteps(recipe)),
      ];
    case "bradley-terry":
      return [bradleyTerryCost(recipe)];
  }
}

/** Without what the reward's own models write. */
function grpoCost({ steps, promptsPerBatch, groupSize, maxTokens, innerUpdates }: GrpoRecipe): CostRow {
  const tokens = steps * promptsPerBatch * groupSize * maxTokens;
  return { part: "rollouts", decodedTokens: tokens, trainedTokens: tokens * innerUpdates };
}

/** Without what the reward's own models write. */
function dpoCost({ pairs, rounds, promptsPerRound, maxTokens, epochs, batchSize }: DpoRecipe): CostRow {
  if (pairs.kind !== "own") return givenPairsCost(pairs, { responses: 2, maxTokens, epochs, batchSize });
  const prompts = rounds * promptsPerRound;
  return {
    part: "pairs",
    decodedTokens: prompts * pairs.responses * maxTokens,
    trainedTokens: 2 * prompts * ownComparisons(pairs) * maxTokens * epochs,
  };
}

function bestOfNCost({ rounds, promptsPerRound, n, maxTokens, epochs }: BestOfNRecipe): CostRow {
  const best = rounds * promptsPerRound * maxTokens;
  return { part: "best responses", decodedTokens: best * n, trainedTokens: best * epochs };
}

/** The number of pairs in files is the data's, so their bound is per step. */
function givenPairsCost(
  pairs: GivenPairsRecipe,
  trained: { responses: number; maxTokens: number; epochs: number; batchSize: number },
): CostRow {
  const { responses, maxTokens, epochs, batchSize } = trained;
  return pairs.kind === "sandbox"
    ? { part: "pairs", decodedTokens: 0, trainedTokens: responses * pairs.count * epochs * maxTokens }
    : { part: "each step", decodedTokens: 0, trainedTokens: responses * batchSize * pairs.maxTokens };
}

/** Optimizer steps; 0 where only the data can tell. */
function policySteps(recipe: DpoRecipe | BestOfNRecipe | SftChosenRecipe): number {
  const steps = (items: number, rounds: number) =>
    rounds * recipe.epochs * Math.ceil(items / recipe.batchSize);
  if (recipe.method === "best-of-n") return steps(recipe.promptsPerRound, recipe.rounds);
  if (recipe.pairs.kind === "files") return 0;
  if (recipe.pairs.kind === "sandbox") return steps(recipe.pairs.count, 1);
  const { promptsPerRound, rounds } = recipe as DpoRecipe;
  return steps(promptsPerRound * ownComparisons(recipe.pairs), rounds);
}

function policyEvaluationCost({ evaluation, maxTokens }: PolicyRecipe, steps: number): CostRow {
  const between = evaluation.every === 0 ? 0 : Math.ceil(steps / evaluation.every);
  const responses = (3 + between) * evaluation.prompts * evaluation.samples;
  return { part: "evaluation", decodedTokens: responses * maxTokens, trainedTokens: 0 };
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

/** Both responses of a pair, with their prompt; the number of pairs may be the data's, so the bound is per step. */
function bradleyTerryCost({ data, pairsPerBatch }: BradleyTerryRecipe): CostRow {
  const tokens = data.kind === "files" ? data.maxTokens : SANDBOX_TOKENS;
  return { part: "each step", decodedTokens: 0, trainedTokens: 2 * pairsPerBatch * tokens };
}
