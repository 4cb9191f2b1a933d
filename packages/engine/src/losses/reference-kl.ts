import type { KlEstimator } from "@armature/tinker";
import { add, exp, mul, neg } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";

/**
 * Estimate of KL(policy ‖ reference) from one sampled token, with d = log policy − log reference (Schulman 2020,
 * "Approximating KL divergence"): k1 = d, k2 = d²/2, k3 = exp(−d) − 1 + d. Differentiated as written: k1 in a loss therefore
 * pushes the logprob down whatever the reference says; k2 has the gradient of the KL in expectation.
 */
export function klEstimate(d: Tensor, estimator: KlEstimator): Tensor {
  switch (estimator) {
    case "k1":
      return d;
    case "k2":
      return mul(mul(d, d), 0.5);
    case "k3":
      return add(add(exp(neg(d)), -1), d);
  }
}
