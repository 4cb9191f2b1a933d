import type { Rollout } from "./rollout.ts";

/**
 * What a group's rewards are measured against. `mean`: their mean. The others are estimates of the baseline with the least
 * variance of the policy gradient, b = E[R ‖∇ log π‖²] / E[‖∇ log π‖²] (Weaver and Tao 2001; Greensmith, Bartlett and Baxter
 * 2004), that is a mean weighted by squared gradient norms, for which two stand-ins are known without a backward pass of each
 * response: `length` takes the number of tokens (OPO, arXiv 2505.23585: orthogonal token gradients of equal norm), `score` see
 * `scoreNorm`.
 */
export type Baseline = "mean" | "length" | "score";

/** Weights of the baseline of a group, one per rollout; undefined weighs all alike. */
export function baselineWeights(
  group: readonly Rollout[],
  baseline: Baseline,
): readonly number[] | undefined {
  switch (baseline) {
    case "mean":
      return undefined;
    case "length":
      return group.map(({ tokens }) => tokens.length);
    case "score": {
      const norms = group.map(({ logprobs }) => scoreNorm(logprobs));
      // A group that the policy is certain of has no gradient, and any baseline will do.
      return norms.some((norm) => norm > 0) ? norms : undefined;
    }
  }
}

/**
 * Σ_t (1 − p_t)²: the squared gradient of log π over the logits of the sampled tokens alone, taken as orthogonal between
 * tokens. The gradient over all logits of a token, ‖e_y − π‖² = (1 − p)² + Σ_{v ≠ y} π_v², lies between once and twice that.
 */
export function scoreNorm(logprobs: Float32Array): number {
  return logprobs.reduce((sum, logprob) => sum + (1 - Math.exp(logprob)) ** 2, 0);
}
