import type { Pending, TokenIds } from "@armature/tinker";
import { LocalModel } from "./local-model.ts";
import type { ScalarModel, ScoreLoss, ScoreResult } from "./scalar-model.ts";

/** A scalar model whose weights live in an engine thread. */
export class LocalScalarModel extends LocalModel implements ScalarModel {
  score(sequences: readonly TokenIds[]): Pending<Float32Array> {
    return this.turns.post(() => this.channel.call("score", { modelId: this.modelId, sequences }));
  }

  forwardBackwardCustom(sequences: readonly TokenIds[], loss: ScoreLoss): Pending<ScoreResult> {
    const modelId = this.modelId;
    return this.turns.postSeveral(async (posted) => {
      const scores = await this.channel.call("score", { modelId, sequences });
      const { loss: sum, gradients, metrics } = loss(scores);
      const call = this.channel.call("addScoreGradients", {
        modelId,
        sequences,
        gradients: Float64Array.from(gradients),
      });
      posted();
      await call;
      return { scores, metrics: { "loss:sum": sum, ...metrics } };
    });
  }
}
