import type { RewardRecipe } from "../config/policy-recipe.ts";
import { ConfigError } from "../errors.ts";
import type { OpenReward } from "../reward/policy-reward.ts";
import { sandboxTruthReward } from "../reward/sandbox-truth-reward.ts";

/** What opening a reward may need. */
export interface RewardOpening {
  /** Absolute path of a file that the recipe names. */
  resolve(path: string): string;
  readonly seed: number;
  /** ONNX Runtime threads of its models; null lets the engine choose. */
  readonly threads: number | null;
}

/** Opens the reward that a recipe names. */
export async function openReward(recipe: RewardRecipe, _opening: RewardOpening): Promise<OpenReward> {
  switch (recipe.kind) {
    case "sandbox-truth":
      return { reward: sandboxTruthReward(), close: async () => undefined };
    case "rubric-arm":
      throw new ConfigError("reward.kind rubric-arm is not there yet");
  }
}
