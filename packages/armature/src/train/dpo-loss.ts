import type { CustomLoss } from "@armature/tinker";

/**
 * Which loss of Δ = score(chosen) − score(rejected), with score = log π − log π_ref of a response:
 * - `sigmoid`: −log σ(βΔ), sums over tokens (DPO, Rafailov 2023, eq. 7);
 * - `sigmoid-norm`: the same with each score divided by its response's tokens;
 * - `ipo`: (Δ − 1/(2β))², scores divided by tokens too, as IPO's authors do (Azar 2023, eq. 17).
 */
export type DpoLossName = "sigmoid" | "sigmoid-norm" | "ipo";

/** Settings of the loss. */
export interface DpoLossSettings {
  readonly loss: DpoLossName;
  /** Strength of the implicit KL bound, above 0. */
  readonly beta: number;
  /** Assumed share ε of wrong labels, 0 to below ½: −(1−ε) log σ(βΔ) − ε log σ(−βΔ) (cDPO). The `ipo` loss takes none. */
  readonly labelSmoothing: number;
  /**
   * Weight of the supervised term: mean over the chosen response's tokens of −log π, then mean over pairs (LLaMA-Factory's
   * `pref_ftx`; trl's `sft` loss averages over all tokens of the batch instead, where long responses count more).
   */
  readonly sftWeight: number;
}

/** A response where it stands in its datum. */
export interface DpoResponse {
  /** Position that predicts the response's first token: the prompt's tokens less 1. */
  readonly offset: number;
  /** Tokens of the response, at least 1. */
  readonly tokens: number;
  /** Σ log π_ref over them. */
  readonly reference: number;
}

/** What the loss needs of one pair. */
export interface DpoTerms {
  readonly chosen: DpoResponse;
  readonly rejected: DpoResponse;
}

/** Implicit rewards of a pair: β times the scores that the loss compares. */
export interface ImplicitRewards {
  readonly chosen: number;
  readonly rejected: number;
}

/**
 * The loss over the logprobs of 2N datums, chosen and rejected of each pair side by side, divided by `divisor`: the pairs
 * of the optimizer step. A step may then be split into any number of calls, and without a divisor a call is a step.
 * Metrics are means over the call's pairs, named with `:mean`: `preferenceLoss`, `sftLoss` (without its weight), and of the
 * implicit rewards `chosenReward`, `rejectedReward`, `margin` and `accuracy` (1 where the chosen one is higher, ½ where equal).
 */
export function dpoLoss(
  pairs: readonly DpoTerms[],
  settings: DpoLossSettings,
  divisor = pairs.length,
): CustomLoss {
  return (logprobs) => {
    const measured = pairs.map((pair, i) => {
      const [chosen, rejected] = [logprobs[2 * i]!, logprobs[2 * i + 1]!];
      const rewards = implicitRewards(
        pair,
        responseSum(chosen, pair.chosen),
        responseSum(rejected, pair.rejected),
        settings,
      );
      const { value, slope } = preferenceLoss((rewards.chosen - rewards.rejected) / settings.beta, settings);
      const sft = -responseSum(chosen, pair.chosen) / pair.chosen.tokens;
      const perToken = (response: DpoResponse) => slope / (divisor * scoreDivisor(response, settings));
      const sftSlope = settings.sftWeight / (divisor * pair.chosen.tokens);
      return {
        ...{ value, sft, rewards },
        gradients: [
          constantOn(pair.chosen, chosen.length, perToken(pair.chosen) - sftSlope),
          constantOn(pair.rejected, rejected.length, -perToken(pair.rejected)),
        ],
      };
    });
    const mean = (of: (pair: (typeof measured)[number]) => number) =>
      measured.reduce((sum, pair) => sum + of(pair), 0) / measured.length;
    const total = measured.reduce((sum, { value, sft }) => sum + value + settings.sftWeight * sft, 0);
    return {
      loss: total / divisor,
      gradients: measured.flatMap(({ gradients }) => gradients),
      metrics: {
        "preferenceLoss:mean": mean(({ value }) => value),
        "sftLoss:mean": mean(({ sft }) => sft),
        "chosenReward:mean": mean(({ rewards }) => rewards.chosen),
        "rejectedReward:mean": mean(({ rewards }) => rewards.rejected),
        "margin:mean": mean(({ rewards }) => rewards.chosen - rewards.rejected),
        "accuracy:mean": mean(({ rewards }) => (Math.sign(rewards.chosen - rewards.rejected) + 1) / 2),
      },
    };
  };
}

/** Implicit rewards of a pair from Σ log π over each response's tokens. */
export function implicitRewards(
  { chosen, rejected }: DpoTerms,
  chosenLogprob: number,
  rejectedLogprob: number,
  settings: Pick<DpoLossSettings, "loss" | "beta">,
): ImplicitRewards {
  const reward = (response: DpoResponse, logprob: number) =>
    (settings.beta * (logprob - response.reference)) / scoreDivisor(response, settings);
  return { chosen: reward(chosen, chosenLogprob), rejected: reward(rejected, rejectedLogprob) };
}

/** Value and derivative at Δ. */
function preferenceLoss(
  delta: number,
  { loss, beta, labelSmoothing }: DpoLossSettings,
): { readonly value: number; readonly slope: number } {
  if (loss === "ipo") {
    const error = delta - 1 / (2 * beta);
    return { value: error * error, slope: 2 * error };
  }
  const x = beta * delta;
  return {
    value: (1 - labelSmoothing) * softplus(-x) + labelSmoothing * softplus(x),
    slope: beta * (1 / (1 + Math.exp(-x)) - (1 - labelSmoothing)),
  };
}

function scoreDivisor(response: DpoResponse, { loss }: Pick<DpoLossSettings, "loss">): number {
  return loss === "sigmoid" ? 1 : response.tokens;
}

function responseSum(logprobs: Float32Array, { offset, tokens }: DpoResponse): number {
  let sum = 0;
  for (let t = offset; t < offset + tokens; t++) sum += logprobs[t]!;
  return sum;
}

function constantOn({ offset, tokens }: DpoResponse, length: number, value: number): Float32Array {
  return new Float32Array(length).fill(value, offset, offset + tokens);
}

/** log(1 + exp x) without overflow; −log σ(x) is softplus(−x). */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
