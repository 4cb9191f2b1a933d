import type { RewardRecipe } from "../../config/reward-recipe.ts";
import { ConfigError } from "../../errors.ts";
import type { OpenReward, PolicyReward } from "../../reward/policy-reward.ts";
import { sandboxTruthReward } from "../../reward/sandbox-truth-reward.ts";
import { openBradleyTerry } from "./open-bradley-terry.ts";
import { openCombined } from "./open-combined.ts";
import { openLanguageJudge } from "./open-language-judge.ts";
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
  /** Absolute path of the log that a language model's answers are kept in, ending in `.jsonl`; absent keeps none. */
  readonly answers?: string;
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
    case "none":
      return { reward: noReward(), close: async () => undefined };
    case "rubric-arm":
      return openRubricArm(recipe, opening);
    case "bradley-terry":
      return openBradleyTerry(recipe, opening);
    case "language-judge":
      return openLanguageJudge(recipe, opening);
    case "combined":
      return openCombined(recipe, opening, openReward);
  }
}

/** For methods that ask for no reward. */
function noReward(): PolicyReward {
  const refuse = async (): Promise<never> => {
    throw new ConfigError("reward.kind is none, but a response is to be rewarded; name a reward");
  };
  return { id: "none", needsGreedy: false, reward: refuse, prefer: refuse };
}
