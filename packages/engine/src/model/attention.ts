import {
  add,
  exp,
  matmul,
  maximum,
  mul,
  reciprocal,
  reduceMax,
  reduceSum,
  reshape,
  softmax,
  stopGradient,
  sub,
  transpose,
} from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { BatchShape } from "./batch-shape.ts";
import type { ModelConfig } from "./model-config.ts";

/** Queries, keys and values of some rows, rotated, each [rows, time, heads · headDim] (values may be flattened). */
export interface Projected {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

/** See `BATCH_INPUTS`. */
export interface AttentionMasks {
  readonly lanes: Tensor;
  readonly prefix?: Tensor;
  readonly prefixCausal?: Tensor;
}

/**
 * Grouped-query attention of prefixes (if any) and lanes, in that order; results are [rows · time, heads · headDim].
 * Queries are laid out as [group, kvHead, lane, queriesPerKv, time, headDim]. So all queries that meet the same keys lie one
 * after another, and keys and values are repeated neither for the heads of one key nor for the lanes of one prefix.
 */
export function attend(
  projected: readonly Projected[],
  masks: AttentionMasks,
  config: ModelConfig,
  { groups, prefixTime, lanes, laneTime }: BatchShape,
): Tensor[] {
  const { heads, keyValueHeads, headDim } = config;
  const perKey = heads / keyValueHeads;
  const scale = 1 / Math.sqrt(headDim);

  const queriesOf = (x: Tensor, lanes: number, time: number) =>
    transpose(reshape(x, [groups, lanes, time, keyValueHeads, perKey, headDim]), [0, 3, 1, 4, 2, 5]);
  const keysOf = (x: Tensor, lanes: number, time: number) =>
    transpose(reshape(x, [groups, lanes, time, keyValueHeads, headDim]), [0, 3, 1, 2, 4]);
  const flat = (y: Tensor, lanes: number, time: number) =>
    reshape(transpose(y, [0, 2, 4, 1, 3, 5]), [groups * lanes * time, heads * headDim]);

  const own = projected.at(-1)!;
  const query = queriesOf(own.query, lanes, laneTime);
  const grouped = [groups, keyValueHeads, lanes, perKey * laneTime];
  const laneQueries = reshape(query, [...grouped, headDim]);
  const scores = (q: Tensor, k: Tensor) => matmul(q, k, { transB: true, alpha: scale });
  const rows = [groups, keyValueHeads, lanes, perKey, laneTime];

  const ownKeys = keysOf(own.key, lanes, laneTime);
  const ownValues = keysOf(own.value, lanes, laneTime);
  const ownScores = add(reshape(scores(laneQueries, ownKeys), [...rows, laneTime]), masks.lanes);
  if (prefixTime === 0) {
    const seen = matmul(reshape(softmax(ownScores), [...grouped, laneTime]), ownValues);
    return [flat(reshape(seen, query.shape), lanes, laneTime)];
  }

  const prefix = projected[0]!;
  const prefixShape = [groups, keyValueHeads, prefixTime];
  const prefixKeys = reshape(keysOf(prefix.key, 1, prefixTime), [...prefixShape, headDim]);
  const prefixValues = reshape(keysOf(prefix.value, 1, prefixTime), [...prefixShape, headDim]);
  const prefixQuery = queriesOf(prefix.query, 1, prefixTime);
  const prefixScores = scores(
    reshape(prefixQuery, [groups, keyValueHeads, perKey * prefixTime, headDim]),
    prefixKeys,
  );
  const causal = add(
    reshape(prefixScores, [groups, keyValueHeads, perKey, prefixTime, prefixTime]),
    masks.prefixCausal!,
  );
  const prefixSeen = matmul(reshape(softmax(causal), prefixScores.shape), prefixValues);

  // Softmax over two parts, prefix and lane, that are never joined: the largest score of both keeps exp in range.
  const all = [groups, keyValueHeads, lanes * perKey * laneTime];
  const acrossScores = add(scores(reshape(query, [...all, headDim]), prefixKeys), masks.prefix!);
  const across = reshape(acrossScores, [...rows, prefixTime]);
  const peak = stopGradient(maximum(reduceMax(ownScores, 5), reduceMax(across, 5)));
  const ownParts = exp(sub(ownScores, peak));
  const acrossParts = exp(sub(across, peak));
  const total = add(reduceSum(ownParts, 5), reduceSum(acrossParts, 5));
  const ownSum = matmul(reshape(ownParts, [...grouped, laneTime]), ownValues);
  const acrossSum = matmul(reshape(acrossParts, [...all, prefixTime]), prefixValues);
  const sum = add(reshape(ownSum, query.shape), reshape(acrossSum, query.shape));
  return [
    flat(reshape(prefixSeen, prefixQuery.shape), 1, prefixTime),
    flat(mul(sum, reciprocal(total)), lanes, laneTime),
  ];
}
