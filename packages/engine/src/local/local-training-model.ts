import { join } from "node:path";
import {
  type AdamParams,
  type Capabilities,
  type CustomLoss,
  customLossDatums,
  type Datum,
  type ForwardBackwardResult,
  type Loss,
  type OptimStepResult,
  type Pending,
  type Sampler,
  type TrainingModel,
} from "@armature/tinker";
import type { ModelInfo } from "./engine-host.ts";
import { LocalSampler } from "./local-sampler.ts";
import { Turns } from "./turns.ts";
import type { WorkerChannel } from "./worker-channel.ts";

/** A training model whose weights live in an engine thread. */
export class LocalTrainingModel implements TrainingModel {
  readonly capabilities: Capabilities;
  readonly #channel: WorkerChannel;
  readonly #modelId: number;
  readonly #checkpoints: string;
  readonly #turns = new Turns();

  constructor(
    channel: WorkerChannel,
    modelId: number,
    checkpoints: string,
    info: ModelInfo & { loraRank: number },
  ) {
    this.#channel = channel;
    this.#modelId = modelId;
    this.#checkpoints = checkpoints;
    this.capabilities = {
      modelName: info.modelName,
      maxContextLength: info.maxContextLength,
      vocabularySize: info.vocabularySize,
      losses: ["cross_entropy", "importance_sampling", "ppo", "cispo"],
      signedWeights: true,
      gradClipNorm: true,
      referenceKl: true,
      loraRank: info.loraRank,
    };
  }

  forward(data: readonly Datum[]): Pending<ForwardBackwardResult> {
    return this.#turns.post(() => this.#channel.call("forward", { modelId: this.#modelId, data }));
  }

  forwardBackward(data: readonly Datum[], loss: Loss): Pending<ForwardBackwardResult> {
    return this.#turns.post(() =>
      this.#channel.call("forwardBackward", { modelId: this.#modelId, data, loss }),
    );
  }

  forwardBackwardCustom(data: readonly Datum[], loss: CustomLoss): Pending<ForwardBackwardResult> {
    const modelId = this.#modelId;
    return this.#turns.postSeveral(async (posted) => {
      const { logprobs } = await this.#channel.call("forward", { modelId, data });
      const custom = loss(logprobs);
      const call = this.#channel.call("forwardBackward", {
        modelId,
        data: customLossDatums(data, custom),
        loss: { name: "cross_entropy" },
      });
      posted();
      return { logprobs: (await call).logprobs, metrics: { "loss:sum": custom.loss, ...custom.metrics } };
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

  samplerNow(): Pending<Sampler> {
    return this.#turns.post(async () => {
      const samplerId = await this.#channel.call("samplerNow", { modelId: this.#modelId });
      return new LocalSampler(this.#channel, samplerId);
    });
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
