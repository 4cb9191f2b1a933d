import { type EngineSource, LocalEngine, readModelConfig, type ScalarModel } from "@armature/engine";
import type { BradleyTerryRecipe } from "../config/bradley-terry-recipe.ts";
import type { Prompt } from "../data/prompt.ts";
import { modelWriter, sandboxWriter } from "../policy/writer.ts";
import { NANO_JUDGE, NANO_POLICY } from "../sandbox/nano-models.ts";
import { loraConfig, nanoModelPath } from "./arm-models.ts";

/** A scalar model ready to train or to ask. */
export interface OpenScalarModel {
  readonly model: ScalarModel;
  /** What the model reads of a response: prompt, response and end token. Throws `DataError` for words that it does not know. */
  sequence(prompt: Prompt, response: string): Int32Array;
  /** Most tokens of a sequence. */
  readonly contextLength: number;
  close(): Promise<void>;
}

/**
 * Opens the model that a recipe starts from, with a new head. `checkpoints` is the folder that `saveState` writes to. Throws
 * `ModelFileError` for files that cannot be read.
 */
export async function openScalarModel(
  { model: source, seed }: Pick<BradleyTerryRecipe, "model" | "seed">,
  resolve: (path: string) => string,
  checkpoints: string,
): Promise<OpenScalarModel> {
  const engineSource =
    source.kind === "path" ? pathSource(resolve(source.path)) : sandboxSource(source.body, seed);
  // The writer's bound is on what it samples, and nothing is sampled here.
  const writer =
    source.kind === "path"
      ? modelWriter(resolve(source.path), Number.POSITIVE_INFINITY)
      : sandboxWriter(Number.POSITIVE_INFINITY);
  const engine = await LocalEngine.open(engineSource, {
    // Sharing the prompt of two short notes saves less than the many batch sizes cost that it makes.
    packGroups: source.kind === "path",
    ...(source.threads !== null && { threads: source.threads }),
  });
  try {
    const lora = source.kind === "path" && source.lora ? loraConfig(source.lora, seed) : null;
    return {
      model: await engine.createScalarModel({ lora, checkpoints, headSeed: seed }),
      sequence: (prompt, response) =>
        Int32Array.from([...Array.from(writer.prompt(prompt)), ...writer.speaker.encodeCompletion(response)]),
      contextLength: engine.info.maxContextLength,
      close: () => engine.close(),
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

function pathSource(path: string): EngineSource {
  return { kind: "path", path };
}

function sandboxSource(
  body: Extract<BradleyTerryRecipe["model"], { kind: "sandbox" }>["body"],
  seed: number,
): EngineSource {
  switch (body) {
    case "policy":
    case "judge":
    case "generator":
      return pathSource(nanoModelPath(body));
    case "random-policy":
    case "random-judge": {
      const shape = body === "random-judge" ? NANO_JUDGE : NANO_POLICY;
      return { kind: "random", name: body, config: readModelConfig(shape, body), seed };
    }
  }
}
