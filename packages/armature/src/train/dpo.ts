import {
  type AdamParams,
  completionDatum,
  type Sampler,
  type TokenIds,
  type TrainingModel,
} from "@armature/tinker";
import { type DpoLossSettings, type DpoTerms, dpoLoss } from "./dpo-loss.ts";

/** Two responses to a prompt as tokens, the first preferred. Each response has at least one token. */
export interface TokenPair {
  readonly prompt: TokenIds;
  readonly chosen: TokenIds;
  readonly rejected: TokenIds;
}

/** Σ log π of both responses of a pair. */
export interface PairLogprobs {
  readonly chosen: number;
  readonly rejected: number;
}

/** A pair with what the reference policy makes of it. */
export interface ReferencedPair extends TokenPair {
  readonly reference: PairLogprobs;
}

/** What one step saw, before its update: means over its pairs. */
export interface DpoMetrics {
  /** With the supervised term. */
  readonly loss: number;
  readonly preferenceLoss: number;
  /** Mean negative logprob per token of the chosen responses, in nats. */
  readonly sftLoss: number;
  /** Implicit rewards. */
  readonly chosenReward: number;
  readonly rejectedReward: number;
  readonly margin: number;
  /** Share of pairs whose chosen response has the higher implicit reward; equal ones count half. */
  readonly accuracy: number;
  readonly gradNorm: number;
  readonly pairs: number;
  /** Of prompts and responses. */
  readonly tokens: number;
}

/** One DPO step: the loss over all pairs, one update. */
export async function dpoStep(
  model: TrainingModel,
  pairs: readonly ReferencedPair[],
  settings: DpoLossSettings,
  adam: AdamParams,
): Promise<DpoMetrics> {
  // Responses to one prompt stand side by side in the call, so that they share its computation.
  const data = pairs.flatMap(({ prompt, chosen, rejected }) => [
    completionDatum(prompt, chosen, {}),
    completionDatum(prompt, rejected, {}),
  ]);
  const forwardBackward = model.forwardBackwardCustom(data, dpoLoss(pairs.map(termsOf), settings));
  const step = model.optimStep(adam);
  const { metrics } = await forwardBackward.result;
  const measured = (name: string) => metrics[name] ?? Number.NaN;
  return {
    loss: measured("loss:sum"),
    preferenceLoss: measured("preferenceLoss:mean"),
    sftLoss: measured("sftLoss:mean"),
    chosenReward: measured("chosenReward:mean"),
    rejectedReward: measured("rejectedReward:mean"),
    margin: measured("margin:mean"),
    accuracy: measured("accuracy:mean"),
    gradNorm: (await step.result).metrics["grad_norm:last"] ?? Number.NaN,
    pairs: pairs.length,
    tokens: data.reduce((sum, { lossInputs }) => sum + lossInputs.target_tokens.data.length + 1, 0),
  };
}

/** What a policy makes of pairs, in order. */
export async function pairLogprobs(
  policy: Sampler,
  pairs: readonly TokenPair[],
): Promise<readonly PairLogprobs[]> {
  const sequences = pairs.flatMap(({ prompt, chosen, rejected }) =>
    [chosen, rejected].map((response) => Int32Array.from([...prompt, ...response])),
  );
  const from = pairs.flatMap(({ prompt }) => [prompt.length, prompt.length]);
  const logprobs = await policy.logprobsMany(sequences, { from }).result;
  return pairs.map(({ prompt }, i) => {
    const [chosen, rejected] = [logprobs[2 * i]!, logprobs[2 * i + 1]!].map((row) =>
      row.subarray(prompt.length).reduce((sum, logprob) => sum + logprob, 0),
    );
    return { chosen: chosen!, rejected: rejected! };
  });
}

function termsOf({ prompt, chosen, rejected, reference }: ReferencedPair): DpoTerms {
  const offset = prompt.length - 1;
  return {
    chosen: { offset, tokens: chosen.length, reference: reference.chosen },
    rejected: { offset, tokens: rejected.length, reference: reference.rejected },
  };
}
