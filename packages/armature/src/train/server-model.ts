import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  AdamParams,
  Capabilities,
  CustomLoss,
  Datum,
  ForwardBackwardResult,
  Loss,
  OptimStepResult,
  Pending,
  Sampler,
  ServiceClient,
  TrainingModel,
} from "@armature/tinker";
import { ConfigError } from "../errors.ts";
import { writeFileAtomic } from "../run/atomic-file.ts";

/** File that stands for a checkpoint on a server in the folder where a local one would lie. */
const RECORD = "server-checkpoint.json";

/**
 * A training model on a server whose checkpoints a run finds as it finds local ones: below the run's folder lies a small file
 * with the checkpoint's `tinker://` path. Where the run removed that file, the checkpoint on the server is deleted too, at the
 * next save.
 */
export class ServerModel implements TrainingModel {
  readonly capabilities: Capabilities;
  readonly #model: TrainingModel;
  readonly #store: ServiceClient["checkpoints"];
  readonly #folder: string;
  /** Paths on the server by the folder that stands for them. */
  readonly #saved = new Map<string, string>();

  constructor(model: TrainingModel, store: ServiceClient["checkpoints"], folder: string) {
    this.capabilities = model.capabilities;
    this.#model = model;
    this.#store = store;
    this.#folder = folder;
  }

  forward(data: readonly Datum[]): Pending<ForwardBackwardResult> {
    return this.#model.forward(data);
  }

  forwardBackward(data: readonly Datum[], loss: Loss): Pending<ForwardBackwardResult> {
    return this.#model.forwardBackward(data, loss);
  }

  forwardBackwardCustom(data: readonly Datum[], loss: CustomLoss): Pending<ForwardBackwardResult> {
    return this.#model.forwardBackwardCustom(data, loss);
  }

  optimStep(adam: AdamParams): Pending<OptimStepResult> {
    return this.#model.optimStep(adam);
  }

  saveState(name: string): Pending<{ readonly path: string }> {
    return this.#recorded(name, this.#model.saveState(name));
  }

  saveWeights(name: string): Pending<{ readonly path: string }> {
    return this.#recorded(name, this.#model.saveWeights(name));
  }

  loadState(path: string, options: { readonly optimizer?: boolean } = {}): Pending<void> {
    const file = join(path, RECORD);
    if (!existsSync(file))
      throw new ConfigError(
        `${path}: is no checkpoint on a server, and servers read no others; start from the base model, or train without model.url`,
      );
    const saved = (JSON.parse(readFileSync(file, "utf8")) as { readonly path: string }).path;
    this.#saved.set(path, saved);
    return this.#model.loadState(saved, options);
  }

  samplerNow(): Pending<Sampler> {
    return this.#model.samplerNow();
  }

  dispose(): Promise<void> {
    return this.#model.dispose();
  }

  #recorded(
    name: string,
    { result, submitted }: Pending<{ readonly path: string }>,
  ): Pending<{ readonly path: string }> {
    const folder = join(this.#folder, name);
    const recorded = result.then(async ({ path }) => {
      mkdirSync(folder, { recursive: true });
      writeFileAtomic(join(folder, RECORD), `${JSON.stringify({ path })}\n`);
      this.#saved.set(folder, path);
      await this.#prune();
      return { path: folder };
    });
    recorded.catch(() => undefined);
    return { submitted, result: recorded };
  }

  async #prune(): Promise<void> {
    for (const [folder, path] of this.#saved) {
      if (existsSync(folder)) continue;
      this.#saved.delete(folder);
      // One that is gone already, or that the server keeps, is no reason to stop training.
      await this.#store.delete(path).catch(() => undefined);
    }
  }
}
