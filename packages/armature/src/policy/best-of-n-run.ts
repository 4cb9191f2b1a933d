import type { TrainingJob, TrainingOutcome } from "../cli/operations.ts";
import type { BestOfNRecipe } from "../config/policy-recipe.ts";
import { ConfigError } from "../errors.ts";

/** Supervised training on the best of n responses. */
export async function runBestOfN(_job: TrainingJob<BestOfNRecipe>): Promise<TrainingOutcome> {
  throw new ConfigError("method best-of-n is not there yet");
}
