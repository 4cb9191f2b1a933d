import * as build from "../src/graph/build.ts";
import type { Shape, Tensor } from "../src/graph/tensor.ts";
import { sizeOf } from "../src/graph/tensor.ts";
import { SeededStream } from "../src/random/seeded-stream.ts";
import type { SampleFeeds } from "./op-samples.ts";

export interface SmallTransformer {
  /** Summed negative logprobs, a scalar. */
  readonly loss: Tensor;
  readonly logprobs: Tensor;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly feeds: SampleFeeds;
}

export interface SmallTransformerSize {
  readonly seed: number;
  readonly layers: number;
  readonly keyValueHeads: number;
  /** Query heads of each key/value head. */
  readonly group: number;
}

/**
 * What gradients must get right together: an embedding that is also the head, grouped causal attention with rotary
 * positions, SwiGLU, residuals as addends and as sums, and a boundary before each layer.
 */
export function smallTransformer({
  seed,
  layers,
  keyValueHeads,
  group,
}: SmallTransformerSize): SmallTransformer {
  const [rows, time, headDim, vocabulary, hidden] = [2, 3, 4, 7, 5];
  const width = keyValueHeads * group * headDim;
  const random = new SeededStream(seed, "weights");
  const weights = new Map<string, Tensor>();
  const feeds: SampleFeeds = {
    tokens: Int32Array.of(1, 2, 2, 6, 0, 1),
    positions: BigInt64Array.of(0n, 1n, 2n, 0n, 1n, 1n),
  };
  const weight = (name: string, shape: Shape): Tensor => {
    feeds[name] = Float32Array.from({ length: sizeOf(shape) }, () => random.normal() / 2);
    const tensor = build.input(name, shape);
    weights.set(name, tensor);
    return tensor;
  };
  const linear = (x: Tensor, name: string, to: number, plus?: Tensor) =>
    build.matmul(x, weight(name, [to, x.shape[1]!]), { transB: true, ...(plus && { plus }) });
  const norm = (x: Tensor, name: string) => build.rmsNorm(x, weight(name, [width]), 1e-5);

  const tokens = build.input("tokens", [rows * time], "int32");
  const positions = build.input("positions", [rows, time], "int64");
  const angles = Array.from({ length: (time * headDim) / 2 }, (_, i) => 0.3 * i);
  const cos = build.constant(angles.map(Math.cos), [time, headDim / 2]);
  const sin = build.constant(angles.map(Math.sin), [time, headDim / 2]);
  const causal = Array.from({ length: time * time }, (_, i) => (i % time <= Math.floor(i / time) ? 0 : -1e9));
  const mask = build.constant(causal, [1, 1, 1, time, time]);
  const turned = (x: Tensor) =>
    build.rope(build.reshape(x, [rows, time, x.shape[1]!]), positions, cos, sin, { headDim });
  const perHead = (x: Tensor) =>
    build.transpose(build.reshape(x, [rows, time, keyValueHeads, headDim]), [0, 2, 1, 3]);

  const embedding = weight("embedding", [vocabulary, width]);
  let x = build.gatherRows(embedding, tokens);
  for (let layer = 0; layer < layers; layer++) {
    x = build.boundary(x);
    const h = norm(x, `norm.${layer}`);
    const byGroup = [rows, time, keyValueHeads, group, headDim];
    const queries = build.reshape(turned(linear(h, `query.${layer}`, width)), byGroup);
    const q = build.reshape(build.transpose(queries, [0, 2, 3, 1, 4]), [
      rows,
      keyValueHeads,
      group * time,
      headDim,
    ]);
    const k = perHead(turned(linear(h, `key.${layer}`, keyValueHeads * headDim)));
    const v = perHead(linear(h, `value.${layer}`, keyValueHeads * headDim));
    const scores = build.matmul(q, k, { transB: true, alpha: headDim ** -0.5 });
    const masked = build.add(build.reshape(scores, [rows, keyValueHeads, group, time, time]), mask);
    const seen = build.matmul(build.reshape(build.softmax(masked), scores.shape), v);
    const byTime = build.transpose(
      build.reshape(seen, [rows, keyValueHeads, group, time, headDim]),
      [0, 3, 1, 2, 4],
    );
    x = linear(build.reshape(byTime, [rows * time, width]), `output.${layer}`, width, x);
    const second = norm(x, `secondNorm.${layer}`);
    const gate = build.silu(linear(second, `gate.${layer}`, hidden));
    x = build.add(x, linear(build.mul(gate, linear(second, `up.${layer}`, hidden)), `down.${layer}`, width));
  }
  const logits = build.matmul(norm(build.boundary(x), "finalNorm"), embedding, { transB: true });
  const logprobs = build.log(build.pickColumn(build.softmax(logits), tokens));
  const loss = build.neg(build.reduceSum(build.reduceSum(logprobs, 0, false), 0, false));
  return { loss, logprobs, weights, feeds };
}
