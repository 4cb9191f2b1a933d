import type { TensorData } from "./tensor-data.ts";

/**
 * Losses of the protocol. All are sums over tokens and datums, without any normalisation.
 * With p = current logprob of the target, q = supplied sampling logprob, r = exp(p − q), A = advantage, w = weight:
 * - `cross_entropy`        Σ −w·p                                    inputs target_tokens, weights
 * - `importance_sampling`  −Σ r·A                                    inputs target_tokens, logprobs, advantages
 * - `ppo`                  −Σ min(r·A, clip(r, low, high)·A)         the same
 * - `cispo`                −Σ stopgrad(clip(r, low, high))·p·A       the same
 * The thresholds are absolute ratio bounds (0.8 and 1.2), not distances from 1.
 */
export type LossName = "cross_entropy" | "importance_sampling" | "ppo" | "cispo";

/**
 * A loss and its settings. `kl_beta` and `reference_logprobs` are an extension of servers whose capabilities say
 * `referenceKl`: the policy losses then add β·k, with k the estimator named by `kl_estimator` of KL(policy ‖ reference)
 * on the target token (d = p − reference): k1 = d, k2 = d²/2, k3 = exp(−d) − 1 + d (Schulman 2020).
 */
export interface Loss {
  readonly name: LossName;
  readonly config?: {
    readonly clip_low_threshold?: number;
    readonly clip_high_threshold?: number;
    readonly kl_beta?: number;
    readonly kl_estimator?: KlEstimator;
  };
}

/** Estimators of a KL divergence from samples (Schulman 2020): d, d²/2, exp(−d) − 1 + d. */
export type KlEstimator = "k1" | "k2" | "k3";

/** Ratio bounds used where a loss states none (the protocol's defaults). */
export const DEFAULT_CLIP = { low: 0.8, high: 1.2 } as const;

/**
 * Loss inputs of one datum; each tensor's leading dimension is the number of positions N of its model input.
 * Position i predicts the token after position i. Prompt positions carry weight 0, or advantage 0.
 * `kl_weights` (with `referenceKl`) scales the KL term per token; without it the term is counted where advantages are given.
 */
export interface LossInputs {
  readonly target_tokens: TensorData;
  readonly weights?: TensorData;
  readonly logprobs?: TensorData;
  readonly advantages?: TensorData;
  readonly reference_logprobs?: TensorData;
  readonly kl_weights?: TensorData;
}

/** The inputs that each loss demands. */
export const REQUIRED_INPUTS: Readonly<Record<LossName, readonly (keyof LossInputs)[]>> = {
  cross_entropy: ["target_tokens", "weights"],
  importance_sampling: ["target_tokens", "logprobs", "advantages"],
  ppo: ["target_tokens", "logprobs", "advantages"],
  cispo: ["target_tokens", "logprobs", "advantages"],
};
