import { type AdamParams, completionDatum, type TokenIds, type TrainingModel } from "@armature/tinker";

/** A prompt with the completion to be learnt. */
export interface SftExample {
  readonly prompt: TokenIds;
  readonly completion: TokenIds;
  /** Weight of each completion token, default 1. */
  readonly weights?: ArrayLike<number>;
}

/** What one supervised step saw. */
export interface SftMetrics {
  /** Weighted mean of the negative logprob per completion token, in nats. */
  readonly loss: number;
  readonly gradNorm: number;
  readonly tokens: number;
}

/** One supervised step: cross-entropy on the completions, averaged over the batch's token weights. */
export async function sftStep(
  model: TrainingModel,
  examples: readonly SftExample[],
  adam: AdamParams,
): Promise<SftMetrics> {
  const weights = examples.map(({ completion, weights }) =>
    Float32Array.from(weights ?? new Float32Array(completion.length).fill(1)),
  );
  const total = weights.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0);
  const data = examples.map(({ prompt, completion }, i) =>
    completionDatum(prompt, completion, { weights: weights[i]!.map((w) => w / total) }),
  );
  const forwardBackward = model.forwardBackward(data, { name: "cross_entropy" });
  const step = model.optimStep(adam);
  const { metrics } = await forwardBackward.result;
  return {
    loss: metrics["loss:sum"] ?? Number.NaN,
    gradNorm: (await step.result).metrics["grad_norm:last"] ?? Number.NaN,
    tokens: examples.reduce((sum, e) => sum + e.prompt.length + e.completion.length, 0),
  };
}
