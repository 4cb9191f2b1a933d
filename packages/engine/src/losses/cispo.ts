import { clip, mul, neg, stopGradient } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import { ratio } from "./importance-sampling.ts";
import type { RatioBounds } from "./ppo.ts";

/** −stopgrad(clip(r))·p·A (MiniMax-M1, arXiv 2506.13585): clipped tokens keep a bounded gradient. */
export function cispo(logprob: Tensor, sampled: Tensor, advantages: Tensor, bounds: RatioBounds): Tensor {
  const weight = stopGradient(clip(ratio(logprob, sampled), bounds.low, bounds.high));
  return neg(mul(mul(weight, logprob), advantages));
}
