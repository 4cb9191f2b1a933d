import {
  boundary,
  cast,
  concat,
  gatherRows,
  input,
  matmul,
  mul,
  reshape,
  rmsNorm,
  rope,
  silu,
} from "../graph/build.ts";
import type { Shape, Tensor } from "../graph/tensor.ts";
import { attend } from "./attention.ts";
import { BATCH_INPUTS, type BatchShape } from "./batch-shape.ts";
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

/** The forward pass up to a head that is still to be chosen. */
export interface TransformerBody {
  /** Normed activations of the selected positions, [selected, hidden]. */
  readonly features: Tensor;
  /** The inputs that stand for weights, by name; `weight` adds to them. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The input that stands for a weight, made where it is new. */
  weight(name: string, shape: Shape): Tensor;
  /** The adapter's term of a product with x where the weight is adapted: what its B multiplies, and B [out, rank]. */
  adapter(x: Tensor, weight: string, out: number): HeadTerm | undefined;
}

/** The forward pass of a Llama model up to what the language model's head multiplies. */
export function buildTransformer(config: ModelConfig, shape: BatchShape, lora?: LoraConfig): ForwardGraph {
  const { features, weights, weight, adapter } = buildBody(config, shape, lora);
  const { hiddenSize, vocabularySize } = config;
  const table = weight(config.tiedEmbeddings ? EMBEDDING : HEAD, [vocabularySize, hiddenSize]);
  const adapted = adapter(features, HEAD, vocabularySize);
  return { head: [{ features, table }, ...(adapted ? [adapted] : [])], weights };
}

/** The layers of a Llama model and its last norm. Activations are [positions, features]. */
export function buildBody(config: ModelConfig, shape: BatchShape, lora?: LoraConfig): TransformerBody {
  const { hiddenSize, headDim, normEpsilon, vocabularySize } = config;
  const { groups, prefixTime, lanes, laneTime, selected, barePrefix, sharedMask } = shape;
  const positions = prefixTime + laneTime;
  const cos = input(BATCH_INPUTS.cos, [positions, headDim / 2]);
  const sin = input(BATCH_INPUTS.sin, [positions, headDim / 2]);

  const weights = new Map<string, Tensor>();
  const weight = (name: string, shape: Shape): Tensor => {
    const tensor = weights.get(name) ?? input(name, shape);
    weights.set(name, tensor);
    return tensor;
  };
  const adapted = new Set(lora ? loraTargets(config, lora).map(({ name }) => name) : []);
  /** x · Aᵀ · alpha / rank, and B. */
  const adapter = (x: Tensor, name: string, out: number): HeadTerm | undefined => {
    if (!lora || !adapted.has(name)) return undefined;
    const a = weight(loraName(name, "A"), [lora.rank, x.shape[1]!]);
    return {
      features: matmul(x, a, { transB: true, alpha: loraScale(lora) }),
      table: weight(loraName(name, "B"), [out, lora.rank]),
    };
  };
  const project = (x: Tensor, layer: number, projection: Projection, plus?: Tensor): Tensor => {
    const name = projectionName(layer, projection);
    const [out, width] = projectionShape(config, projection);
    const y = matmul(x, weight(name, [out, width]), { transB: true, ...(plus && { plus }) });
    const low = adapter(x, name, out);
    return low ? matmul(low.features, low.table, { transB: true, plus: y }) : y;
  };
  const norm = (x: Tensor, name: string) => rmsNorm(x, weight(name, [hiddenSize]), normEpsilon);
  const layerNorm = (x: Tensor, layer: number, which: LayerNorm) => norm(x, layerNormName(layer, which));

  const embedding = weight(EMBEDDING, [vocabularySize, hiddenSize]);
  const stream = (rows: number, time: number, tokens: string, positions: string): Stream => ({
    rows,
    time,
    positions: cast(input(positions, [rows, time], "int32"), "int64"),
    x: gatherRows(embedding, input(tokens, [rows * time], "int32")),
  });
  /** Prefixes and lanes share weights and are otherwise apart: a lane reads its prefix's keys and values only. */
  const prefixes =
    prefixTime > 0
      ? [stream(groups, prefixTime, BATCH_INPUTS.prefixTokens, BATCH_INPUTS.prefixPositions)]
      : [];
  let streams = [...prefixes, stream(groups * lanes, laneTime, BATCH_INPUTS.tokens, BATCH_INPUTS.positions)];
  const masks = {
    lanes: input(BATCH_INPUTS.mask, [
      ...(sharedMask ? [1, 1, 1] : [groups, 1, lanes]),
      1,
      laneTime,
      laneTime,
    ]),
    ...(prefixTime > 0 && {
      prefix: input(BATCH_INPUTS.prefixMask, [groups, 1, 1, prefixTime]),
      prefixCausal: input(BATCH_INPUTS.prefixCausal, [prefixTime, prefixTime]),
    }),
  };

  for (let layer = 0; layer < config.layers; layer++) {
    streams = streams.map((s) => ({ ...s, x: boundary(s.x) }));
    const projected = streams.map(({ x, rows, time, positions }) => {
      const h = layerNorm(x, layer, "input_layernorm");
      const rotated = (y: Tensor) =>
        rope(reshape(y, [rows, time, y.shape[1]!]), positions, cos, sin, { headDim });
      return {
        query: rotated(project(h, layer, "q_proj")),
        key: rotated(project(h, layer, "k_proj")),
        value: project(h, layer, "v_proj"),
      };
    });
    const contexts = attend(projected, masks, config, shape);
    streams = streams.map((s, i) => {
      const x = project(contexts[i]!, layer, "o_proj", s.x);
      const h = layerNorm(x, layer, "post_attention_layernorm");
      const gated = mul(silu(project(h, layer, "gate_proj")), project(h, layer, "up_proj"));
      return { ...s, x: project(gated, layer, "down_proj", x) };
    });
  }

  // What nothing reads is no part of the graph: of a bare prefix only keys and values are left in the last layer.
  const seen = barePrefix ? streams.slice(-1) : streams;
  const all = concat(
    seen.map(({ x }) => boundary(x)),
    0,
  );
  const features = norm(gatherRows(all, input(BATCH_INPUTS.selected, [selected], "int32")), FINAL_NORM);
  return { features, weights, weight, adapter };
}

/** Positions that go through the layers together. */
interface Stream {
  readonly rows: number;
  readonly time: number;
  /** int64 [rows, time] */
  readonly positions: Tensor;
  /** [rows · time, hidden] */
  readonly x: Tensor;
}
