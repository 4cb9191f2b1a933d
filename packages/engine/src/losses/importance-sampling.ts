import { exp, mul, neg, sub } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";

/** exp(p − q), how much likelier the token is now than when it was sampled. */
export function ratio(logprob: Tensor, sampled: Tensor): Tensor {
  return exp(sub(logprob, sampled));
}

/** −r·A with r the ratio. */
export function importanceSampling(logprob: Tensor, sampled: Tensor, advantages: Tensor): Tensor {
  return neg(mul(ratio(logprob, sampled), advantages));
}
