import type { CustomLoss, KlEstimator } from "@armature/tinker";

/** What the clipped policy loss needs for one datum, one value per input position. */
export interface PolicyTerms {
  /** Logprobs of the targets under the policy that sampled them. */
  readonly sampled: Float32Array;
  /** Advantage times the token's weight in the loss; 0 on prompt positions. */
  readonly advantages: Float32Array;
  /** Logprobs of the targets under the reference policy. */
  readonly reference?: Float32Array;
  /** Weight of the KL term of each token; 0 on prompt positions. */
  readonly klWeights?: Float32Array;
}

/**
 * Σ −min(rA, clip(r, low, high)A) + β·w·KL(policy ‖ reference) and its gradient over the logprobs, for servers without the
 * KL extension (GRPO, DeepSeekMath eq. 3–4; clip-higher, DAPO; estimators, Schulman 2020). With d = p − reference:
 * k1 = d, k2 = d²/2, k3 = exp(−d) − 1 + d, gradients 1, d and 1 − exp(−d).
 */
export function clippedPolicyLoss(
  terms: readonly PolicyTerms[],
  settings: { low: number; high: number; klBeta: number; klEstimator: KlEstimator },
): CustomLoss {
  const { low, high, klBeta, klEstimator } = settings;
  return (logprobs) => {
    let loss = 0;
    const gradients = terms.map((term, datum) => {
      const p = logprobs[datum]!;
      const gradient = new Float32Array(p.length);
      for (let t = 0; t < p.length; t++) {
        const advantage = term.advantages[t]!;
        if (advantage !== 0) {
          const ratio = Math.exp(p[t]! - term.sampled[t]!);
          const bounded = Math.max(low, Math.min(high, ratio));
          loss -= Math.min(ratio * advantage, bounded * advantage);
          if (ratio * advantage <= bounded * advantage) gradient[t]! -= ratio * advantage;
        }
        const weight = term.klWeights?.[t] ?? 0;
        if (weight !== 0 && term.reference) {
          const d = p[t]! - term.reference[t]!;
          const [value, slope] = klTerm(d, klEstimator);
          loss += klBeta * weight * value;
          gradient[t]! += klBeta * weight * slope;
        }
      }
      return gradient;
    });
    return { loss, gradients };
  };
}

/** Value and derivative of a KL estimator at d = policy logprob − reference logprob. */
export function klTerm(d: number, estimator: KlEstimator): readonly [value: number, slope: number] {
  if (estimator === "k1") return [d, 1];
  if (estimator === "k2") return [(d * d) / 2, d];
  return [Math.exp(-d) - 1 + d, 1 - Math.exp(-d)];
}
