import type { RewardRecipe } from "../config/policy-recipe.ts";
import type { OpenReward } from "../reward/policy-reward.ts";
import { sandboxTruthReward } from "../reward/sandbox-truth-reward.ts";
import { openProgramRubric } from "./open-program-rubric.ts";
import { openRubricArm } from "./open-rubric-arm.ts";
import { openSandboxRubric } from "./open-sandbox-rubric.ts";

/** What opening a reward may need. */
export interface RewardOpening {
  /** Absolute path of a file that the recipe names. */
  resolve(path: string): string;
  readonly seed: number;
  /** Whether the policy answers the sandbox's requests. */
  readonly sandbox: boolean;
  /** ONNX Runtime threads of its models; null lets the engine choose. */
  readonly threads: number | null;
}

/** Opens the reward that a recipe names. */
export async function openReward(recipe: RewardRecipe, opening: RewardOpening): Promise<OpenReward> {
  switch (recipe.kind) {
    case "sandbox-truth":
      return { reward: sandboxTruthReward(), close: async () => undefined };
    case "program-rubric":
      return openProgramRubric(recipe, opening);
    case "sandbox-rubric":
      return openSandboxRubric(recipe, opening);
    case "rubric-arm":
      return openRubricArm(recipe, opening);
  }
}
