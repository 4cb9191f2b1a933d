import { cast, constant, lessOrEqual, mul, reshape, rope, sub } from "../graph/build.ts";
import type { DataType, Shape, Tensor } from "../graph/tensor.ts";
import type { DecoderNetwork } from "./decoder-network.ts";

/** Subtracted from the score of a key that must not be seen: the exponential of the rest is 0. */
const HIDDEN = 1e9;

/** Names of the rotary tables that graphs read, [positions, headDim / 2] each. */
export const ROTARY_INPUTS = { cos: "rotary.cos", sin: "rotary.sin" } as const;

/** Rotates rows [batch · time, heads · headDim] to their positions, int32 [batch, time], all below `end`. */
export function rotation(network: DecoderNetwork, positions: Tensor, end: number): (x: Tensor) => Tensor {
  const { headDim } = network.config;
  const [batch, time] = positions.shape as [number, number];
  const cos = network.input(ROTARY_INPUTS.cos, [end, headDim / 2]);
  const sin = network.input(ROTARY_INPUTS.sin, [end, headDim / 2]);
  const longPositions = cast(positions, "int64");
  return (x) => {
    const rotated = rope(reshape(x, [batch, time, x.shape[1]!]), longPositions, cos, sin, { headDim });
    return reshape(rotated, x.shape);
  };
}

/** Added to scores over `slots` positions: hides those from a row's length (int32 [batch]) on. [batch, 1, 1, slots]. */
export function paddingMask(lengths: Tensor, slots: number): Tensor {
  const [batch] = lengths.shape as [number];
  const valid = lessOrEqual(counting(1, slots, [1, slots]), reshape(cast(lengths, "float32"), [batch, 1]));
  return reshape(mul(sub(valid, 1), HIDDEN), [batch, 1, 1, slots]);
}

/** Added to scores of every position for every position: hides those that come later. [length, length]. */
export function causalMask(length: number): Tensor {
  const later = lessOrEqual(counting(1, length, [length, 1]), counting(0, length, [1, length]));
  return mul(later, -HIDDEN);
}

/** first, first + 1, …: `count` numbers. */
export function counting(first: number, count: number, shape: Shape, dtype: DataType = "float32"): Tensor {
  return constant(
    Array.from({ length: count }, (_, i) => first + i),
    shape,
    dtype,
  );
}
