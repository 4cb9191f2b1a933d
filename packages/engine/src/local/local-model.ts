import { join } from "node:path";
import type { AdamParams, OptimStepResult, Pending } from "@armature/tinker";
import { Turns } from "./turns.ts";
import type { WorkerChannel } from "./worker-channel.ts";

/** What all models whose weights live in an engine thread do alike: step, save, load and be given back. */
export abstract class LocalModel {
  protected readonly channel: WorkerChannel;
  protected readonly modelId: number;
  protected readonly turns = new Turns();
  readonly #checkpoints: string;

  constructor(channel: WorkerChannel, modelId: number, checkpoints: string) {
    this.channel = channel;
    this.modelId = modelId;
    this.#checkpoints = checkpoints;
  }

  optimStep(adam: AdamParams): Pending<OptimStepResult> {
    return this.turns.post(() => this.channel.call("optimStep", { modelId: this.modelId, adam }));
  }

  saveState(name: string): Pending<{ readonly path: string }> {
    return this.#save(name, true);
  }

  saveWeights(name: string): Pending<{ readonly path: string }> {
    return this.#save(name, false);
  }

  loadState(path: string, options: { readonly optimizer?: boolean } = {}): Pending<void> {
    const optimizer = options.optimizer ?? true;
    return this.turns.post(() => this.channel.call("loadState", { modelId: this.modelId, path, optimizer }));
  }

  async dispose(): Promise<void> {
    await this.turns.post(() => this.channel.call("releaseModel", { modelId: this.modelId })).result;
  }

  #save(name: string, optimizer: boolean): Pending<{ readonly path: string }> {
    const path = join(this.#checkpoints, name);
    return this.turns.post(async () => {
      await this.channel.call("saveState", { modelId: this.modelId, path, optimizer });
      return { path };
    });
  }
}
