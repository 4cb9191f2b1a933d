import type { TrainingModel } from "@armature/tinker";
import type { ArmRecipe } from "../config/recipe-schema.ts";
import { ConfigError } from "../errors.ts";
import type { ArmModels } from "./arm-models.ts";
import { adamParams } from "./arm-settings.ts";
import type { SftExample, SftMetrics } from "./sft.ts";
import {
  readSupervisedRows,
  type SupervisedSettings,
  supervisedStep,
  supervisedSteps,
} from "./supervised.ts";

export interface FileWarmUp {
  readonly recipe: ArmRecipe;
  resolve(path: string): string;
  readonly models: ArmModels;
  /** Steps that are done already, of both players together. */
  readonly start: number;
  /** Brings both models to `start`. */
  load(): Promise<void>;
  /** `step` counts over both players; `last` marks the end of the whole warm-up. */
  afterStep(
    player: "generator" | "judge",
    step: number,
    total: number,
    metrics: SftMetrics,
    last: boolean,
  ): Promise<"go on" | "stop">;
}

/**
 * Supervised warm-up of the generator, then of the judge, on rows from files (Rubric-ARM, stage I). Returns false where it
 * was stopped before its end.
 */
export async function warmUpFromFiles(warmUp: FileWarmUp): Promise<boolean> {
  const { recipe, models } = warmUp;
  const sections = recipe.warmup!;
  const plans = await Promise.all(
    (["generator", "judge"] as const).map(async (player) => {
      const settings = sections[player];
      const examples = await supervisedExamples(warmUp, models[player], settings);
      return { player, settings, examples, steps: supervisedSteps(examples.length, settings) };
    }),
  );
  const total = plans.reduce((sum, plan) => sum + plan.steps, 0);
  if (warmUp.start >= total) return true;
  await warmUp.load();
  let before = 0;
  for (const { player, settings, examples, steps } of plans) {
    for (let step = Math.max(0, warmUp.start - before); step < steps; step++) {
      const metrics = await supervisedStep(
        models[player],
        examples,
        step,
        settings,
        adamParams(recipe.adam),
        [recipe.seed, "warm-up", player],
      );
      const done = before + step + 1;
      if ((await warmUp.afterStep(player, done, total, metrics, done === total)) === "stop")
        return done === total;
    }
    before += steps;
  }
  return true;
}

/** Rows as tokens; rows that the model's context cannot hold are refused with the first one's length. */
async function supervisedExamples(
  warmUp: FileWarmUp,
  model: TrainingModel,
  settings: SupervisedSettings,
): Promise<readonly SftExample[]> {
  const { encodeChat } = warmUp.models;
  if (encodeChat === undefined)
    throw new ConfigError("warmup: the sandbox models come warm; set warmup to null");
  const rows = await readSupervisedRows(settings.train.map(warmUp.resolve));
  return rows.map(({ messages, completion }, i) => {
    const { prompt, completion: tokens } = encodeChat(messages, completion);
    const length = prompt.length + tokens.length;
    if (length > model.capabilities.maxContextLength) {
      throw new ConfigError(
        `${settings.train.join(", ")}: row ${i + 1} takes ${length} tokens, the model's context has ${model.capabilities.maxContextLength}; shorten or remove it`,
      );
    }
    return { prompt, completion: tokens };
  });
}
