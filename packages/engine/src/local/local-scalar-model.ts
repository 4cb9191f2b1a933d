import { join } from "node:path";
import type { AdamParams, OptimStepResult, Pending, TokenIds } from "@armature/tinker";
import type { ScalarModel, ScoreLoss, ScoreResult } from "./scalar-model.ts";
import { Turns } from "./turns.ts";
import type { WorkerChannel } from "./worker-channel.ts";

/** A scalar model whose weights live in an engine thread. */
export class LocalScalarModel implements ScalarModel {
  readonly #channel: WorkerChannel;
  readonly #modelId: number;
  readonly #checkpoints: string;
  readonly #turns = new Turns();

  constructor(channel: WorkerChannel, modelId: number, checkpoints: string) {
    this.#channel = channel;
    this.#modelId = modelId;
    this.#checkpoints = checkpoints;
  }

  score(sequences: readonly TokenIds[]): Pending<Float32Array> {
    return this.#turns.post(() => this.#channel.call("score", { modelId: this.#modelId, sequences }));
  }

  forwardBackwardCustom(sequences: readonly TokenIds[], loss: ScoreLoss): Pending<ScoreResult> {
    const modelId = this.#modelId;
    return this.#turns.postSeveral(async (posted) => {
      const scores = await this.#channel.call("score", { modelId, sequences });
      const { loss: sum, gradients, metrics } = loss(scores);
      const call = this.#channel.call("addScoreGradients", {
        modelId,
        sequences,
        gradients: Float64Array.from(gradients),
      });
      posted();
      await call;
      return { scores, metrics: { "loss:sum": sum, ...metrics } };
    });
  }

  optimStep(adam: AdamParams): Pending<OptimStepResult> {
    return this.#turns.post(() => this.#channel.call("optimStep", { modelId: this.#modelId, adam }));
  }

  saveState(name: string): Pending<{ readonly path: string }> {
    return this.#save(name, true);
  }

  saveWeights(name: string): Pending<{ readonly path: string }> {
    return this.#save(name, false);
  }

  loadState(path: string, options: { readonly optimizer?: boolean } = {}): Pending<void> {
    const optimizer = options.optimizer ?? true;
    return this.#turns.post(() =>
      this.#channel.call("loadState", { modelId: this.#modelId, path, optimizer }),
    );
  }

  async dispose(): Promise<void> {
    await this.#turns.post(() => this.#channel.call("releaseModel", { modelId: this.#modelId })).result;
  }

  #save(name: string, optimizer: boolean): Pending<{ readonly path: string }> {
    const path = join(this.#checkpoints, name);
    return this.#turns.post(async () => {
      await this.#channel.call("saveState", { modelId: this.#modelId, path, optimizer });
      return { path };
    });
  }
}
