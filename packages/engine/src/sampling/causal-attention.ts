import { add, broadcast, matmul, reshape, softmax, sub, transpose } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { DecoderNetwork, Projections } from "./decoder-network.ts";
import { causalMask, counting, paddingMask, rotation } from "./positions.ts";

/** The result of attention as rows [n, heads · headDim], and keys and values [sequences, keyValueHeads, tokens, headDim]. */
export interface Attended {
  readonly context: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

/** The positions of each sequence whose queries are asked. */
export interface Queries {
  /** Positions of each sequence. */
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
  const all: Queries = { count: length, rotate, mask: causalMask(length) };

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
    const grouped = [sequences, keyValueHeads, group * count, headDim];
    const query = reshape(transpose(asked, [0, 2, 3, 1, 4]), grouped);
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
    mask: reshape(paddingMask(lengths, length), [sequences, 1, 1, 1, length]),
  };
}
