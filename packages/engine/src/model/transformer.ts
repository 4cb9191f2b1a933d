import {
  add,
  boundary,
  cast,
  gatherRows,
  input,
  matmul,
  mul,
  reshape,
  rmsNorm,
  rope,
  silu,
  softmax,
  transpose,
} from "../graph/build.ts";
import type { Shape, Tensor } from "../graph/tensor.ts";
import { type LoraConfig, loraName, loraScale, loraTargets } from "./lora.ts";
import type { ModelConfig } from "./model-config.ts";
import {
  EMBEDDING,
  FINAL_NORM,
  HEAD,
  type LayerNorm,
  layerNormName,
  type Projection,
  projectionName,
  projectionShape,
} from "./parameters.ts";

/** Static sizes of one forward graph. */
export interface BatchShape {
  /** Sequences side by side. */
  readonly rows: number;
  /** Positions of each, padding included. */
  readonly time: number;
  /** Positions, over all rows, that the head looks at. */
  readonly selected: number;
  /** True where all rows share one attention mask (plain causal), false where each brings its own (packed groups). */
  readonly sharedMask: boolean;
}

/** Part of the head: the logits are the sum over terms of features · tableᵀ. */
export interface HeadTerm {
  /** [selected, width] */
  readonly features: Tensor;
  /** [vocabulary, width] */
  readonly table: Tensor;
}

export interface ForwardGraph {
  readonly head: readonly HeadTerm[];
  /** The inputs that stand for weights, by name. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** Names of the values that a batch feeds beside the weights. */
export const BATCH_INPUTS = {
  /** int32 [rows · time] */
  tokens: "tokens",
  /** int32 [rows, time]; those of a packed row start again after the shared prefix. */
  positions: "positions",
  /** float32 [1 or rows, 1, 1, time, time], added to the attention scores: 0 where the last axis may be seen. */
  mask: "mask",
  /** float32 [time, headDim / 2] */
  cos: "rotary_cos",
  sin: "rotary_sin",
  /** int32 [selected], indices into rows · time */
  selected: "selected",
} as const;

/**
 * The forward pass of a Llama model up to what the head multiplies. Activations are [rows · time, features]; queries are
 * [rows, kvHeads, queriesPerKv · time, headDim], so that keys and values serve their group of heads without being repeated.
 */
export function buildTransformer(config: ModelConfig, shape: BatchShape, lora?: LoraConfig): ForwardGraph {
  const { hiddenSize, headDim, heads, keyValueHeads, normEpsilon, vocabularySize } = config;
  const { rows, time, selected, sharedMask } = shape;
  const group = heads / keyValueHeads;
  const half = headDim / 2;

  const tokens = input(BATCH_INPUTS.tokens, [rows * time], "int32");
  const positions = cast(input(BATCH_INPUTS.positions, [rows, time], "int32"), "int64");
  const mask = input(BATCH_INPUTS.mask, [sharedMask ? 1 : rows, 1, 1, time, time]);
  const cos = input(BATCH_INPUTS.cos, [time, half]);
  const sin = input(BATCH_INPUTS.sin, [time, half]);

  const weights = new Map<string, Tensor>();
  const weight = (name: string, shape: Shape): Tensor => {
    const tensor = weights.get(name) ?? input(name, shape);
    weights.set(name, tensor);
    return tensor;
  };
  const adapted = new Set(lora ? loraTargets(config, lora).map(({ name }) => name) : []);
  /** x · Aᵀ · alpha / rank: what the adapter's B multiplies. */
  const adapterFeatures = (x: Tensor, name: string, { rank }: LoraConfig, width: number) =>
    matmul(x, weight(loraName(name, "A"), [rank, width]), { transB: true, alpha: loraScale(lora!) });

  const project = (x: Tensor, layer: number, projection: Projection, plus?: Tensor): Tensor => {
    const name = projectionName(layer, projection);
    const [out, width] = projectionShape(config, projection);
    const y = matmul(x, weight(name, [out, width]), { transB: true, ...(plus && { plus }) });
    if (!lora || !adapted.has(name)) return y;
    const low = adapterFeatures(x, name, lora, width);
    return matmul(low, weight(loraName(name, "B"), [out, lora.rank]), { transB: true, plus: y });
  };
  const norm = (x: Tensor, name: string) => rmsNorm(x, weight(name, [hiddenSize]), normEpsilon);
  const layerNorm = (x: Tensor, layer: number, which: LayerNorm) => norm(x, layerNormName(layer, which));

  const rotated = (x: Tensor) =>
    rope(reshape(x, [rows, time, x.shape[1]!]), positions, cos, sin, { headDim });
  const perKeyValueHead = (x: Tensor) =>
    transpose(reshape(x, [rows, time, keyValueHeads, headDim]), [0, 2, 1, 3]);

  const attention = (x: Tensor, layer: number): Tensor => {
    const grouped = [rows, keyValueHeads, group * time, headDim];
    const queries = reshape(rotated(project(x, layer, "q_proj")), [
      rows,
      time,
      keyValueHeads,
      group,
      headDim,
    ]);
    const q = reshape(transpose(queries, [0, 2, 3, 1, 4]), grouped);
    const k = perKeyValueHead(rotated(project(x, layer, "k_proj")));
    const v = perKeyValueHead(project(x, layer, "v_proj"));
    const scores = matmul(q, k, { transB: true, alpha: 1 / Math.sqrt(headDim) });
    const masked = add(reshape(scores, [rows, keyValueHeads, group, time, time]), mask);
    const seen = matmul(reshape(softmax(masked), scores.shape), v);
    const byTime = transpose(reshape(seen, [rows, keyValueHeads, group, time, headDim]), [0, 3, 1, 2, 4]);
    return reshape(byTime, [rows * time, heads * headDim]);
  };

  let x = gatherRows(weight(EMBEDDING, [vocabularySize, hiddenSize]), tokens);
  for (let layer = 0; layer < config.layers; layer++) {
    x = boundary(x);
    x = project(attention(layerNorm(x, layer, "input_layernorm"), layer), layer, "o_proj", x);
    const h = layerNorm(x, layer, "post_attention_layernorm");
    const gated = mul(silu(project(h, layer, "gate_proj")), project(h, layer, "up_proj"));
    x = project(gated, layer, "down_proj", x);
  }

  const features = norm(
    gatherRows(boundary(x), input(BATCH_INPUTS.selected, [selected], "int32")),
    FINAL_NORM,
  );
  const head: HeadTerm[] = [
    {
      features,
      table: weight(config.tiedEmbeddings ? EMBEDDING : HEAD, [vocabularySize, hiddenSize]),
    },
  ];
  if (lora && adapted.has(HEAD))
    head.push({
      features: adapterFeatures(features, HEAD, lora, hiddenSize),
      table: weight(loraName(HEAD, "B"), [vocabularySize, lora.rank]),
    });
  return { head, weights };
}
