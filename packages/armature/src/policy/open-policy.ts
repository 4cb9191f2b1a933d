import type { TrainingModel } from "@armature/tinker";
import type { PolicyRecipe } from "../config/policy-recipe.ts";
import { loraConfig, nanoModelPath } from "../train/arm-models.ts";
import { openModelHost } from "../train/model-host.ts";
import { modelWriter, sandboxWriter, type Writer } from "./writer.ts";

/** A policy ready to train. */
export interface OpenPolicy {
  readonly model: TrainingModel;
  readonly writer: Writer;
  close(): Promise<void>;
}

/**
 * Opens the policy that a recipe starts from. `checkpoints` is the folder that `saveState` writes to. Throws
 * `ModelFileError`, `CheckpointError`, or `ConfigError` for a server that cannot be used.
 */
export async function openPolicy(
  { model: source, maxTokens, seed }: Pick<PolicyRecipe, "model" | "maxTokens" | "seed">,
  resolve: (path: string) => string,
  checkpoints: string,
): Promise<OpenPolicy> {
  const path = source.kind === "sandbox" ? nanoModelPath("policy") : resolve(source.path);
  const writer = source.kind === "sandbox" ? sandboxWriter(maxTokens) : modelWriter(path, maxTokens);
  const lora = source.kind === "sandbox" ? null : source.lora;
  const host = await openModelHost(path, source.url, {
    logprobs: "weighted",
    ...(source.threads !== null && { threads: source.threads }),
  });
  try {
    const model = await host.createModel({ lora: lora && loraConfig(lora, seed), checkpoints });
    if (source.checkpoint !== null)
      await model.loadState(resolve(source.checkpoint), { optimizer: false }).result;
    return { model, writer, close: () => host.close() };
  } catch (error) {
    await host.close();
    throw error;
  }
}
