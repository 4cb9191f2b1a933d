import { mul, neg } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";

/** −w·p for weights of any sign. */
export function crossEntropy(logprob: Tensor, weights: Tensor): Tensor {
  return neg(mul(weights, logprob));
}
