import { clip, minimum, mul, neg } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import { ratio } from "./importance-sampling.ts";

/** Absolute bounds of the ratio. */
export interface RatioBounds {
  readonly low: number;
  readonly high: number;
}

/** −min(r·A, clip(r)·A) (Schulman et al. 2017, arXiv 1707.06347): no gradient where the clipped side is the smaller. */
export function ppo(logprob: Tensor, sampled: Tensor, advantages: Tensor, bounds: RatioBounds): Tensor {
  const r = ratio(logprob, sampled);
  return neg(minimum(mul(r, advantages), mul(clip(r, bounds.low, bounds.high), advantages)));
}
