import type { TrainingModel } from "@armature/tinker";
import type { SftChosenRecipe } from "../../config/policy-recipe.ts";
import { adamParams } from "../../train/arm-settings.ts";
import { learningRateFactor } from "../../train/learning-rate.ts";
import { type SftExample, type SftMetrics, sftStep } from "../../train/sft.ts";

/** A supervised step of a policy run with the learning rate of its place in the run; null where there is nothing to learn. */
export async function supervisedBatch(
  model: TrainingModel,
  examples: readonly SftExample[],
  recipe: Pick<SftChosenRecipe, "adam" | "learningRate" | "learningRateSchedule" | "warmupSteps">,
  step: number,
  totalSteps: number,
): Promise<SftMetrics | null> {
  if (examples.length === 0) return null;
  const factor = learningRateFactor(recipe.learningRateSchedule, step, totalSteps, recipe.warmupSteps);
  return sftStep(model, examples, {
    ...adamParams(recipe.adam),
    learning_rate: recipe.learningRate * factor,
  });
}
