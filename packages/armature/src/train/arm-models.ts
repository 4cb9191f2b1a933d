import { fileURLToPath } from "node:url";
import { type LoraConfig, openModel } from "@armature/engine";
import type { TrainingModel } from "@armature/tinker";
import type { ArmRecipe } from "../config/recipe-schema.ts";
import type { Message } from "../data/prompt.ts";
import type { Dialect } from "../judge/dialect.ts";
import { chatEncoder } from "../judge/engine-chat-encoder.ts";
import { paperDialect } from "../judge/paper-dialect.ts";
import { nanoDialect } from "../sandbox/nano-dialect.ts";
import { openModelHost } from "./model-host.ts";

/** The two models of a run, ready to train. */
export interface ArmModels {
  readonly generator: TrainingModel;
  readonly judge: TrainingModel;
  readonly dialect: Dialect;
  /** A conversation and the answer to be learnt, as tokens; absent for models without a chat template. */
  readonly encodeChat?: (
    messages: readonly Message[],
    completion: string,
  ) => { readonly prompt: Int32Array; readonly completion: Int32Array };
  close(): Promise<void>;
}

/** Where the warm-up checkpoints that come with Armature lie. */
export function nanoModelPath(player: "generator" | "judge" | "policy"): string {
  return fileURLToPath(new URL(`../../../../models/nano-${player}`, import.meta.url));
}

/**
 * Opens the models that a recipe names: in the sandbox two nano models of their own, otherwise two policies over one base.
 * `checkpoints` is the folder that `saveState` writes to. Throws `ModelFileError`, `CheckpointError`, or `ConfigError` for a
 * server that cannot be used.
 */
export async function openArmModels(
  recipe: ArmRecipe,
  resolve: (path: string) => string,
  checkpoints: string,
): Promise<ArmModels> {
  const { model } = recipe;
  const settings = {
    logprobs: "weighted",
    ...(model.threads !== null && { threads: model.threads }),
  } as const;
  if (model.kind === "sandbox") {
    const path = (player: "generator" | "judge") => {
      const own = model[player];
      return own === null ? nanoModelPath(player) : resolve(own);
    };
    const [generator, judge] = await Promise.all(
      (["generator", "judge"] as const).map((player) => openModelHost(path(player), model.url, settings)),
    );
    const close = async () => void (await Promise.all([generator!.close(), judge!.close()]));
    try {
      return {
        generator: await generator!.createModel({ lora: null, checkpoints }),
        judge: await judge!.createModel({ lora: null, checkpoints }),
        dialect: nanoDialect,
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  }
  const path = resolve(model.path);
  const description = openModel(path);
  description.weights.close();
  const engine = await openModelHost(path, model.url, settings);
  const create = async (player: "generator" | "judge") => {
    const lora = model.lora && loraConfig(model.lora, player === "generator" ? recipe.seed : recipe.seed + 1);
    const policy = await engine.createModel({ lora, checkpoints });
    const start = model[player];
    if (start !== null) await policy.loadState(resolve(start), { optimizer: false }).result;
    return policy;
  };
  const encoder = chatEncoder(description);
  const dialect = paperDialect(encoder, {
    rubricTokens: recipe.generator.maxTokens,
    judgementTokens: recipe.judge.maxTokens,
  });
  return {
    generator: await create("generator"),
    judge: await create("judge"),
    dialect,
    encodeChat: (messages, completion) => ({
      prompt: encoder.encodeChat(messages, { addGenerationPrompt: true }),
      completion: dialect.generator.encodeCompletion(completion),
    }),
    close: () => engine.close(),
  };
}

/** A recipe's adapter in the engine's terms. Two adapters over one base take different seeds, so that they start apart. */
export function loraConfig(
  lora: { rank: number; alpha: number; targets: readonly ("attention" | "mlp" | "head")[] },
  seed: number,
): LoraConfig {
  const has = (target: "attention" | "mlp" | "head") => lora.targets.includes(target);
  return {
    rank: lora.rank,
    alpha: lora.alpha,
    attention: has("attention"),
    mlp: has("mlp"),
    head: has("head"),
    seed,
  };
}
