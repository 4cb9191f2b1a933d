import { DEFAULT_CLIP, type Loss, type LossInputs, type TensorData, TinkerError } from "@armature/tinker";
import { add, mul, neg, sub, within } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import { cispo } from "./cispo.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { importanceSampling } from "./importance-sampling.ts";
import { ppo } from "./ppo.ts";
import { klEstimate } from "./reference-kl.ts";

/** Per-token values that a loss reads, each [n, 1]. */
export type TokenValue = "weights" | "logprobs" | "advantages" | "reference_logprobs" | "kl_coefficients";

/** A loss of one token as an expression over its logprob; the loss of a batch is the plain sum. */
export interface TokenLoss {
  /** Equal for losses that are the same graph. */
  readonly key: string;
  readonly values: readonly TokenValue[];
  /** Values of which one must be non-zero for the token to have a gradient. */
  readonly coefficients: readonly TokenValue[];
  loss(logprob: Tensor, values: Readonly<Record<TokenValue, Tensor>>): Tensor;
}

/** The expression of a loss of the protocol. Throws `TinkerError` of kind `user` for settings that make no sense. */
export function tokenLoss({ name, config = {} }: Loss): TokenLoss {
  const beta = config.kl_beta ?? 0;
  if (!Number.isFinite(beta)) throw new TinkerError("user", `loss ${name}: kl_beta is ${beta}`);
  if (name === "cross_entropy") {
    if (beta !== 0)
      throw new TinkerError("user", "loss cross_entropy takes no kl_beta; use a policy loss or weights");
    return {
      key: name,
      values: ["weights"],
      coefficients: ["weights"],
      loss: (p, { weights }) => crossEntropy(p, weights),
    };
  }
  const low = config.clip_low_threshold ?? DEFAULT_CLIP.low;
  const high = config.clip_high_threshold ?? DEFAULT_CLIP.high;
  if (!(low <= high) || !Number.isFinite(low) || !Number.isFinite(high))
    throw new TinkerError(
      "user",
      `loss ${name}: clip thresholds ${low} and ${high} must be finite ratios, low first`,
    );
  const bounds = { low, high };
  const policy = (p: Tensor, { logprobs: q, advantages }: Readonly<Record<TokenValue, Tensor>>) => {
    switch (name) {
      case "importance_sampling":
        return importanceSampling(p, q, advantages);
      case "ppo":
        return ppo(p, q, advantages, bounds);
      case "cispo":
        return cispo(p, q, advantages, bounds);
    }
  };
  const key = name === "importance_sampling" ? name : `${name} ${low} ${high}`;
  if (beta === 0)
    return { key, values: ["logprobs", "advantages"], coefficients: ["advantages"], loss: policy };
  const estimator = config.kl_estimator ?? "k3";
  return {
    key: `${key} ${estimator}`,
    values: ["logprobs", "advantages", "reference_logprobs", "kl_coefficients"],
    coefficients: ["advantages", "kl_coefficients"],
    loss: (p, values) => {
      // Positions that are not counted may state any reference, 0 for example: exp(−d) must not overflow there.
      const counted = add(neg(within(values.kl_coefficients, 0, 0)), 1);
      const d = mul(sub(p, values.reference_logprobs), counted);
      return add(policy(p, values), mul(values.kl_coefficients, klEstimate(d, estimator)));
    },
  };
}

/** What one datum gives for a value that a loss reads: `length` numbers. */
export function tokenValues(value: TokenValue, inputs: LossInputs, loss: Loss): ArrayLike<number> {
  if (value !== "kl_coefficients") return (inputs[value] as TensorData).data;
  const beta = loss.config?.kl_beta ?? 0;
  const weights = inputs.kl_weights?.data;
  const advantages = inputs.advantages!.data;
  const coefficients = new Float32Array(advantages.length);
  for (let i = 0; i < coefficients.length; i++)
    coefficients[i] = beta * (weights ? weights[i]! : Number(advantages[i] !== 0));
  return coefficients;
}
