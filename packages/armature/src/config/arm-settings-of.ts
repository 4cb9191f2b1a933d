import type { ArmSettings } from "../train/arm-settings.ts";
import type { ArmRecipe } from "./recipe-schema.ts";

/** What the alternating loop needs of a recipe. */
export function armSettingsOf(recipe: ArmRecipe): ArmSettings {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = recipe.adam;
  return {
    ...recipe,
    ...recipe.grpo,
    adam: { beta1, beta2, eps: epsilon, weight_decay: weightDecay, grad_clip_norm: clipNorm },
  };
}
