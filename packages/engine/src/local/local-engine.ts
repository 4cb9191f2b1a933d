import type { Sampler, TrainingModel } from "@armature/tinker";
import type { LoraConfig } from "../model/lora.ts";
import type { EngineSettings, EngineSource, ModelInfo } from "./engine-host.ts";
import { LocalSampler } from "./local-sampler.ts";
import { LocalScalarModel } from "./local-scalar-model.ts";
import { LocalTrainingModel } from "./local-training-model.ts";
import type { ScalarModel } from "./scalar-model.ts";
import { WorkerChannel } from "./worker-channel.ts";

/**
 * A base model in a thread of its own, from which any number of training models (LoRA adapters over the shared base, or
 * one full fine-tune) and samplers are made. The event loop of the caller stays free while it computes.
 */
export class LocalEngine {
  readonly info: ModelInfo;
  readonly #channel: WorkerChannel;

  private constructor(channel: WorkerChannel, info: ModelInfo) {
    this.#channel = channel;
    this.info = info;
  }

  /** Loads or initialises the base model. Throws `ModelFileError` where it cannot be read. */
  static async open(source: EngineSource, settings: EngineSettings = {}): Promise<LocalEngine> {
    const channel = new WorkerChannel();
    try {
      return new LocalEngine(channel, await channel.call("open", { source, settings }));
    } catch (error) {
      await channel.close();
      throw error;
    }
  }

  /**
   * A trainable model: a LoRA adapter, or with `lora: null` the base's own weights (one such model an engine).
   * `saveState(name)` writes below `checkpoints`.
   */
  async createModel(options: { lora: LoraConfig | null; checkpoints: string }): Promise<TrainingModel> {
    const { modelId } = await this.#channel.call("createModel", { lora: options.lora });
    const loraRank = options.lora?.rank ?? 0;
    return new LocalTrainingModel(this.#channel, modelId, options.checkpoints, { ...this.info, loraRank });
  }

  /**
   * A trainable scalar model on the base's body: a LoRA adapter or all of its weights, and in both cases a new head, normal
   * with standard deviation 0.02, drawn from `headSeed`. `lora.head` must be false: that head is not there.
   */
  async createScalarModel(options: {
    lora: LoraConfig | null;
    checkpoints: string;
    headSeed: number;
  }): Promise<ScalarModel> {
    const { lora, checkpoints, headSeed } = options;
    const { modelId } = await this.#channel.call("createScalarModel", { lora, headSeed });
    return new LocalScalarModel(this.#channel, modelId, checkpoints);
  }

  /** A sampler of the base model as it was loaded. */
  async baseSampler(): Promise<Sampler> {
    return new LocalSampler(this.#channel, await this.#channel.call("baseSampler", {}));
  }

  /** Stops the thread; calls under way are rejected. */
  close(): Promise<void> {
    return this.#channel.close();
  }
}
