import type { GradientSeed } from "../graph/backward.ts";
import {
  add,
  concat,
  gatherRows,
  log,
  matmul,
  mul,
  pickColumn,
  reduceMax,
  scatterAddRows,
  slice,
  softmax,
  sub,
  tie,
} from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { HeadTerm } from "../model/transformer.ts";

/** What a loss makes of the logprobs of some rows: values to return and dLoss/dlogprob, all [rows, 1]. */
export interface LogprobLoss {
  readonly loss: Tensor;
  readonly gradient: Tensor;
}

export interface TargetLogprobs {
  /** [n, 1] */
  readonly logprobs: Tensor;
  /** [n, 1]; present where a loss was given. */
  readonly losses?: Tensor;
  /** Gradients with respect to features and trainable tables, from which the backward pass starts. */
  readonly seeds: readonly GradientSeed[];
}

export interface TargetLogprobOptions {
  /** Whether a table's gradient is wanted; by default none is. */
  readonly trainable?: (table: Tensor) => boolean;
  /** Loss of the rows start…end−1, and what it asks of their logprobs. Without it there are no gradients. */
  readonly lossOf?: (logprobs: Tensor, start: number, end: number) => LogprobLoss;
  /** Logits held at a time, default 2^23. */
  readonly logitsPerChunk?: number;
}

/** 32 MiB: more rows a chunk gain no speed, fewer lose some. */
const LOGITS_PER_CHUNK = 2 ** 23;

/**
 * Logprob of one target token in each row of the head, and its gradients, without one-hot rows and with the logits of one
 * chunk of rows alive at a time. With P = softmax(logits), table E and features h:
 * - log p = logit[target] − max(logits) + log(max P), where max P ≥ 1/vocabulary cannot underflow;
 * - ∂log p/∂h = E[target] − P·E;
 * - ∂log p/∂E = (onehot(target) − P)ᵀ·h: a product and a scatter of rows.
 * Each chunk waits for all results of the one before, so that the runtime does not hold several.
 */
export function targetLogprobs(
  head: readonly HeadTerm[],
  targets: Tensor,
  options: TargetLogprobOptions = {},
): TargetLogprobs {
  const { trainable = () => false, lossOf, logitsPerChunk = LOGITS_PER_CHUNK } = options;
  const rows = targets.shape[0]!;
  const vocabulary = head[0]!.table.shape[0]!;
  const chunks = Math.ceil((rows * vocabulary) / logitsPerChunk);
  const chunkRows = Math.ceil(rows / chunks);
  const logprobs: Tensor[] = [];
  const losses: Tensor[] = [];
  const featureGradients = head.map((): Tensor[] => []);
  const tableGradients = new Map<Tensor, Tensor>();
  let done: readonly Tensor[] = [];

  for (let start = 0; start < rows; start += chunkRows) {
    const end = Math.min(rows, start + chunkRows);
    const target = slice(targets, 0, start, end);
    const features = head.map((term) => tie(slice(term.features, 0, start, end), done));
    const logits = features.reduce<Tensor | undefined>(
      (plus, x, i) => matmul(x, head[i]!.table, { transB: true, ...(plus && { plus }) }),
      undefined,
    )!;
    const probabilities = softmax(logits);
    const fromPeak = sub(pickColumn(logits, target), reduceMax(logits, 1));
    const logprob = add(fromPeak, log(reduceMax(probabilities, 1)));
    logprobs.push(logprob);
    done = [logprob];
    if (!lossOf) continue;

    const { loss, gradient } = lossOf(logprob, start, end);
    losses.push(loss);
    head.forEach(({ table }, i) => {
      const expected = matmul(probabilities, table);
      featureGradients[i]!.push(mul(gradient, sub(gatherRows(table, target), expected)));
      if (!trainable(table)) return;
      const weighted = mul(gradient, features[i]!);
      const plus = tableGradients.get(table);
      const spread = matmul(probabilities, weighted, { transA: true, alpha: -1, ...(plus && { plus }) });
      tableGradients.set(table, scatterAddRows(spread, target, weighted));
    });
    done = [
      logprob,
      loss,
      ...featureGradients.map((gradients) => gradients.at(-1)!),
      ...tableGradients.values(),
    ];
  }

  return {
    logprobs: concat(logprobs, 0),
    ...(lossOf && { losses: concat(losses, 0) }),
    seeds: lossOf
      ? [
          ...head.map(({ features }, i) => ({ tensor: features, gradient: concat(featureGradients[i]!, 0) })),
          ...[...tableGradients].map(([tensor, gradient]) => ({ tensor, gradient })),
        ]
      : [],
  };
}
