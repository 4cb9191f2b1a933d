import { basename } from "node:path";
import {
  type LossName,
  REQUIRED_INPUTS,
  type Sampler,
  TinkerError,
  type TrainingModel,
} from "@armature/tinker";
import type { AdapterChoice, ServedModel, TrainingBackend } from "@armature/tinker/server";
import type { EngineSettings } from "../local/engine-host.ts";
import { LocalEngine } from "../local/local-engine.ts";
import { type ModelDescription, openModel } from "../weights/open-model.ts";
import { modelText } from "./model-text.ts";

/** A base model to be served. */
export interface LocalModel {
  /** A folder, a GGUF file or a llama2.c file. */
  readonly path: string;
  /** What requests call it; by default the last part of the path, without its file ending. */
  readonly name?: string;
}

interface OpenBase {
  readonly engine: LocalEngine;
  readonly served: ServedModel;
}

/**
 * The in-process engine behind the training protocol: each base model in a thread of its own, with any number of adapters, full
 * fine-tunes and samplers over its weights.
 */
export class LocalBackend implements TrainingBackend {
  readonly #bases: ReadonlyMap<string, OpenBase>;

  private constructor(bases: ReadonlyMap<string, OpenBase>) {
    this.#bases = bases;
  }

  /**
   * Loads the base models. Throws `ModelFileError` for one that cannot be read, and `TinkerError` of kind `user` for two of one
   * name.
   */
  static async open(models: readonly LocalModel[], settings: EngineSettings = {}): Promise<LocalBackend> {
    const bases = new Map<string, OpenBase>();
    try {
      for (const { path, name = basename(path).replace(/\.(gguf|bin)$/, "") } of models) {
        if (bases.has(name))
          throw new TinkerError("user", `two models are called ${name}; give one another name: NAME=${path}`);
        const description = openModel(path);
        description.weights.close();
        const engine = await LocalEngine.open({ kind: "path", path }, settings);
        bases.set(name, { engine, served: served(name, path, description, engine) });
      }
      return new LocalBackend(bases);
    } catch (error) {
      for (const { engine } of bases.values()) await engine.close();
      throw error;
    }
  }

  get models(): readonly ServedModel[] {
    return [...this.#bases.values()].map(({ served }) => served);
  }

  createModel(baseModel: string, adapter: AdapterChoice | null, folder: string): Promise<TrainingModel> {
    return this.#engine(baseModel).createModel({ lora: adapter, checkpoints: folder });
  }

  baseSampler(baseModel: string): Promise<Sampler> {
    return this.#engine(baseModel).baseSampler();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#bases.values()].map(({ engine }) => engine.close()));
  }

  #engine(name: string): LocalEngine {
    const base = this.#bases.get(name);
    if (!base) throw new TinkerError("user", `base model ${name} is not open`);
    return base.engine;
  }
}

function served(
  name: string,
  path: string,
  description: ModelDescription,
  { info }: LocalEngine,
): ServedModel {
  return {
    name,
    tokenizerId: path,
    architecture: "llama",
    maxContextLength: info.maxContextLength,
    vocabularySize: info.vocabularySize,
    losses: Object.keys(REQUIRED_INPUTS) as LossName[],
    referenceKl: true,
    text: modelText(description),
  };
}
