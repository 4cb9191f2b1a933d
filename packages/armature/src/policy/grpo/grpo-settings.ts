import type { GrpoRecipe } from "../../config/policy-recipe.ts";
import { adamParams } from "../../train/arm-settings.ts";
import type { GrpoSettings } from "../../train/grpo.ts";
import { learningRateFactor } from "../../train/learning-rate.ts";

/** A recipe's numbers as update `step`, counted from 0, takes them. */
export function grpoSettings(recipe: GrpoRecipe, step: number): GrpoSettings {
  const { learningRateSchedule, steps, warmupSteps, learningRate } = recipe;
  const { klBeta, klEstimator, klPlacement, baseline, minibatches, innerUpdates, maxTokens } = recipe;
  const factor = learningRateFactor(learningRateSchedule, step, steps, warmupSteps);
  return {
    ...recipe.grpo,
    ...{ klBeta, klEstimator, klPlacement, baseline, minibatches, innerUpdates, maxTokens },
    adam: { ...adamParams(recipe.adam), learning_rate: learningRate * factor },
  };
}
