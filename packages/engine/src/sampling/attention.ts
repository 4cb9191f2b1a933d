import {
  add,
  broadcast,
  cast,
  concat,
  constant,
  lessOrEqual,
  matmul,
  mul,
  reduceSum,
  reshape,
  rope,
  slice,
  softmax,
  sub,
  transpose,
} from "../graph/build.ts";
import type { DataType, Shape, Tensor } from "../graph/tensor.ts";
import type { DecoderNetwork, Projections } from "./decoder-network.ts";

/** Subtracted from the score of a key that must not be seen: the exponential of the rest is 0. */
const HIDDEN = 1e9;

/** Names of the rotary tables that graphs read, [positions, headDim / 2] each. */
export const ROTARY_INPUTS = { cos: "rotary_cos", sin: "rotary_sin" } as const;

/** Keys and values of one layer, [batch, keyValueHeads, tokens, headDim] each. */
export interface KeysAndValues {
  readonly key: Tensor;
  readonly value: Tensor;
}

/** The result of attention as rows [n, heads · headDim], and the keys and values of the tokens that were given. */
export interface Attended extends KeysAndValues {
  readonly context: Tensor;
}

/**
 * Attention of one new token in each row to `slots` cached ones, of which the first `lengths` (int32 [batch]) of a row are
 * valid, and to itself.
 */
export function cachedAttention(network: DecoderNetwork, lengths: Tensor, slots: number) {
  const { heads, keyValueHeads, headDim } = network.config;
  const [batch] = lengths.shape as [number];
  const group = heads / keyValueHeads;
  const rotate = rotation(network, reshape(lengths, [batch, 1]), slots);
  const mask = reshape(beyond(lengths, slots), [batch, 1, 1, slots]);

  return (projections: Projections, cached: KeysAndValues): Attended => {
    // Scaled by a product of its own: with a factor in it, a matmul does not get the runtime's kernel for single rows.
    const scaled = mul(rotate(projections.query), headDim ** -0.5);
    const query = reshape(scaled, [batch, keyValueHeads, group, headDim]);
    const key = reshape(rotate(projections.key), [batch, keyValueHeads, 1, headDim]);
    const value = reshape(projections.value, [batch, keyValueHeads, 1, headDim]);
    const earlier = add(matmul(query, cached.key, { transB: true }), mask);
    const own = reduceSum(mul(query, key), 3);
    const probabilities = softmax(concat([earlier, own], 3));
    const context = add(
      matmul(slice(probabilities, 3, 0, slots), cached.value),
      mul(slice(probabilities, 3, slots, slots + 1), value),
    );
    return { context: reshape(context, [batch, heads * headDim]), key, value };
  };
}

/** The positions of each sequence whose queries are asked. */
export interface Queries {
  readonly count: number;
  /** Applies their positions to x [sequences · count, width]. */
  readonly rotate: (x: Tensor) => Tensor;
  /** Added to scores [sequences, keyValueHeads, group, count, length]. */
  readonly mask: Tensor;
}

/** Causal attention over `sequences` sequences of `length` tokens (shorter ones padded at the end, where none looks). */
export function causalAttention(network: DecoderNetwork, sequences: number, length: number) {
  const { heads, keyValueHeads, headDim } = network.config;
  const group = heads / keyValueHeads;
  const positions = broadcast(counting(0, length, [1, length], "int32"), [sequences, length]);
  const rotate = rotation(network, positions, length);
  const future = lessOrEqual(counting(1, length, [length, 1]), counting(0, length, [1, length]));
  const all: Queries = { count: length, rotate, mask: mul(future, -HIDDEN) };

  return (projections: Projections, { count, mask, ...queries }: Queries = all): Attended => {
    const byHead = (x: Tensor) =>
      transpose(reshape(x, [sequences, length, keyValueHeads, headDim]), [0, 2, 1, 3]);
    const key = byHead(rotate(projections.key));
    const value = byHead(projections.value);
    const asked = reshape(queries.rotate(projections.query), [
      sequences,
      count,
      keyValueHeads,
      group,
      headDim,
    ]);
    const query = reshape(transpose(asked, [0, 2, 3, 1, 4]), [
      sequences,
      keyValueHeads,
      group * count,
      headDim,
    ]);
    const scores = matmul(query, key, { transB: true, alpha: headDim ** -0.5 });
    const masked = add(reshape(scores, [sequences, keyValueHeads, group, count, length]), mask);
    const context = matmul(reshape(softmax(masked), scores.shape), value);
    const byToken = transpose(
      reshape(context, [sequences, keyValueHeads, group, count, headDim]),
      [0, 3, 1, 2, 4],
    );
    return { context: reshape(byToken, [sequences * count, heads * headDim]), key, value };
  };
}

/** The last token alone of sequences padded to `length`, whose true `lengths` are int32 [sequences]. */
export function lastQueries(network: DecoderNetwork, lengths: Tensor, length: number): Queries {
  const [sequences] = lengths.shape as [number];
  return {
    count: 1,
    rotate: rotation(network, reshape(sub(lengths, 1), [sequences, 1]), length),
    mask: reshape(beyond(lengths, length), [sequences, 1, 1, 1, length]),
  };
}

/** −1e9 at positions from a row's length on, else 0: [batch, positions]. */
function beyond(lengths: Tensor, positions: number): Tensor {
  const [batch] = lengths.shape as [number];
  const valid = lessOrEqual(
    counting(1, positions, [1, positions]),
    reshape(cast(lengths, "float32"), [batch, 1]),
  );
  return mul(sub(valid, 1), HIDDEN);
}

/** Rotates rows [batch · time, heads · headDim] to their positions, int32 [batch, time], all below `end`. */
function rotation(network: DecoderNetwork, positions: Tensor, end: number): (x: Tensor) => Tensor {
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

/** first, first + 1, …: `count` numbers. */
function counting(first: number, count: number, shape: Shape, dtype: DataType = "float32"): Tensor {
  return constant(
    Array.from({ length: count }, (_, i) => first + i),
    shape,
    dtype,
  );
}
