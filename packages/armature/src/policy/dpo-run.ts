import type { TrainingJob, TrainingOutcome } from "../cli/operations.ts";
import type { DpoRecipe } from "../config/policy-recipe.ts";
import { ConfigError } from "../errors.ts";

/** Direct preference optimisation of a policy. */
export async function runDpo(_job: TrainingJob<DpoRecipe>): Promise<TrainingOutcome> {
  throw new ConfigError("method dpo is not there yet");
}
