import {
  type Capabilities,
  type CustomLoss,
  customLossDatums,
  type Datum,
  type ForwardBackwardResult,
  type Loss,
  type Pending,
  type Sampler,
  type TrainingModel,
} from "@armature/tinker";
import type { ModelInfo } from "./engine-host.ts";
import { LocalModel } from "./local-model.ts";
import { LocalSampler } from "./local-sampler.ts";
import type { WorkerChannel } from "./worker-channel.ts";

/** A training model whose weights live in an engine thread. */
export class LocalTrainingModel extends LocalModel implements TrainingModel {
  readonly capabilities: Capabilities;

  constructor(
    channel: WorkerChannel,
    modelId: number,
    checkpoints: string,
    info: ModelInfo & { loraRank: number },
  ) {
    super(channel, modelId, checkpoints);
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
    return this.turns.post(() => this.channel.call("forward", { modelId: this.modelId, data }));
  }

  forwardBackward(data: readonly Datum[], loss: Loss): Pending<ForwardBackwardResult> {
    return this.turns.post(() => this.channel.call("forwardBackward", { modelId: this.modelId, data, loss }));
  }

  forwardBackwardCustom(data: readonly Datum[], loss: CustomLoss): Pending<ForwardBackwardResult> {
    const modelId = this.modelId;
    return this.turns.postSeveral(async (posted) => {
      const { logprobs } = await this.channel.call("forward", { modelId, data });
      const custom = loss(logprobs);
      const call = this.channel.call("forwardBackward", {
        modelId,
        data: customLossDatums(data, custom),
        loss: { name: "cross_entropy" },
      });
      posted();
      return { logprobs: (await call).logprobs, metrics: { "loss:sum": custom.loss, ...custom.metrics } };
    });
  }

  samplerNow(): Pending<Sampler> {
    return this.turns.post(async () => {
      const samplerId = await this.channel.call("samplerNow", { modelId: this.modelId });
      return new LocalSampler(this.channel, samplerId);
    });
  }
}
