import { add, gatherRows, input, matmul, mul, reshape, rmsNorm, silu } from "../graph/build.ts";
import type { DataType, Shape, Tensor } from "../graph/tensor.ts";
import { type LoraConfig, loraName, loraScale, loraTargets } from "../model/lora.ts";
import type { ModelConfig } from "../model/model-config.ts";
import {
  EMBEDDING,
  FINAL_NORM,
  HEAD,
  type LayerNorm,
  layerNormName,
  type Projection,
  projectionName,
  projectionShape,
} from "../model/parameters.ts";
import { type ActivationLayout, type Activations, asRows, inLayout, project, rowsOf } from "./activations.ts";
import { panelShape } from "./panel-copy.ts";

/** Ends the name of the input that holds a weight as panels. */
export const PANELS = ".panels";

/** Queries, keys and values of one layer as rows [n, heads · headDim], before positions are applied. */
export interface Projections {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

/** A model as the sampler runs it: its configuration and the adapter that lies on top, if any. */
export interface SampledModel {
  readonly config: ModelConfig;
  readonly lora?: LoraConfig | undefined;
}

/**
 * The layers of the transformer in any layout. How queries meet keys differs between prefill and decoding and is
 * handed in. Weights and adapters are graph inputs under their own names; adapters are applied beside the weights, never
 * merged, so that one base serves many policies and an update needs no copy.
 */
export class DecoderNetwork {
  readonly config: ModelConfig;
  readonly #lora: LoraConfig | undefined;
  readonly #adapted: ReadonlySet<string>;
  readonly #layout: ActivationLayout;
  readonly #inputs = new Map<string, Tensor>();

  constructor({ config, lora }: SampledModel, layout: ActivationLayout) {
    this.config = config;
    this.#lora = lora;
    this.#adapted = new Set(lora ? loraTargets(config, lora).map(({ name }) => name) : []);
    this.#layout = layout;
  }

  /** An input of the graph, the same tensor for the same name. */
  input(name: string, shape: Shape, dtype?: DataType): Tensor {
    const known = this.#inputs.get(name) ?? input(name, shape, dtype);
    this.#inputs.set(name, known);
    return known;
  }

  /** Embeddings of tokens int32 [n]. */
  embed(tokens: Tensor): Activations {
    return inLayout(this.#layout, asRows(gatherRows(this.#embeddings(), tokens)));
  }

  /**
   * One layer.
   * @param attend from projections to the attention's result as rows
   * @param select narrows the tokens that go on, after keys and values were made of all of them
   */
  layer(
    layer: number,
    x: Activations,
    attend: (projections: Projections) => Tensor,
    select: (x: Activations) => Activations = (all) => all,
  ): Activations {
    const linear = (projection: Projection, y: Activations) =>
      this.#linear(projectionName(layer, projection), projectionShape(this.config, projection), y);
    const norm = (which: LayerNorm, y: Activations) => this.#norm(layerNormName(layer, which), y);

    const normed = norm("input_layernorm", x);
    const context = attend({
      query: rowsOf(linear("q_proj", select(normed))),
      key: rowsOf(linear("k_proj", normed)),
      value: rowsOf(linear("v_proj", normed)),
    });
    const attended = sum(select(x), linear("o_proj", asRows(context)));
    const hidden = norm("post_attention_layernorm", attended);
    const gate = linear("gate_proj", hidden);
    const up = linear("up_proj", hidden);
    const gated = { ...up, tensor: mul(silu(gate.tensor), up.tensor) };
    return sum(attended, linear("down_proj", gated));
  }

  /** Activations after the last norm: what the head reads. */
  finalNorm(x: Activations): Activations {
    return this.#norm(FINAL_NORM, x);
  }

  /** Logits of the next tokens from `finalNorm`'s result. */
  logits(hidden: Activations): Activations {
    const { vocabularySize, hiddenSize, tiedEmbeddings } = this.config;
    return this.#linear(HEAD, [vocabularySize, hiddenSize], hidden, tiedEmbeddings ? EMBEDDING : HEAD);
  }

  #embeddings(): Tensor {
    return this.input(EMBEDDING, [this.config.vocabularySize, this.config.hiddenSize]);
  }

  #norm(name: string, x: Activations): Activations {
    const weight = this.input(name, [this.config.hiddenSize]);
    return asRows(rmsNorm(rowsOf(x), weight, this.config.normEpsilon));
  }

  #linear(name: string, shape: readonly [number, number], x: Activations, weight = name): Activations {
    const [outputs, inputs] = shape;
    const y =
      this.#layout === "single"
        ? asRows(byPanels(rowsOf(x), this.input(weight + PANELS, panelShape(outputs, inputs))))
        : project(this.#layout, this.input(weight, shape), x);
    if (!this.#lora || !this.#adapted.has(name)) return y;
    const { rank } = this.#lora;
    const a = this.input(loraName(name, "A"), [rank, inputs]);
    const b = this.input(loraName(name, "B"), [outputs, rank]);
    // With a factor in it, a product of one row does not get the runtime's kernel for single rows.
    const low = project(this.#layout, a, x);
    const scaled = { ...low, tensor: mul(low.tensor, loraScale(this.#lora)) };
    return project(this.#layout, b, scaled, { plus: y.tensor });
  }
}

/** One row [1, inputs] times a weight as panels [panels, inputs, width]: [1, panels · width]. */
function byPanels(row: Tensor, weight: Tensor): Tensor {
  const [panels, inputs, width] = weight.shape as [number, number, number];
  return reshape(matmul(reshape(row, [1, 1, inputs]), weight), [1, panels * width]);
}

const sum = (residual: Activations, y: Activations): Activations => ({
  ...y,
  tensor: add(residual.tensor, y.tensor),
});
