import { ShapeError } from "../errors.ts";
import { type Shape, sizeOf } from "../graph/tensor.ts";
import type { ModelConfig } from "./model-config.ts";

/** Name and shape of a weight. Matrices are [out, in] as in Hugging Face checkpoints. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
}

/** A weight in memory. `gradient` is there for trainable ones only. */
export interface Parameter extends ParameterSpec {
  readonly values: Float32Array;
  readonly gradient?: Float32Array;
}

export const EMBEDDING = "model.embed_tokens.weight";
export const FINAL_NORM = "model.norm.weight";
export const HEAD = "lm_head.weight";
/** Head of a scalar model, [1, hidden], as Hugging Face's `LlamaForSequenceClassification` names it. */
export const SCORE = "score.weight";
/** The same beside an adapter: PEFT's name of a module that is saved whole (`modules_to_save`). */
export const ADAPTED_SCORE = "base_model.model.score.weight";

/** Linear layers of one block, by what LoRA switches on and off together. */
export const ATTENTION_PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj"] as const;
export const MLP_PROJECTIONS = ["gate_proj", "up_proj", "down_proj"] as const;
export type Projection = (typeof ATTENTION_PROJECTIONS)[number] | (typeof MLP_PROJECTIONS)[number];

/** The norms before attention and before the MLP. */
export type LayerNorm = "input_layernorm" | "post_attention_layernorm";

export function projectionName(layer: number, projection: Projection): string {
  const block = (ATTENTION_PROJECTIONS as readonly string[]).includes(projection) ? "self_attn" : "mlp";
  return `model.layers.${layer}.${block}.${projection}.weight`;
}

export function layerNormName(layer: number, norm: LayerNorm): string {
  return `model.layers.${layer}.${norm}.weight`;
}

/** Weight shape [out, in] of a projection. */
export function projectionShape(config: ModelConfig, projection: Projection): readonly [number, number] {
  const { hiddenSize, intermediateSize, headDim } = config;
  const queries = config.heads * headDim;
  const keys = config.keyValueHeads * headDim;
  switch (projection) {
    case "q_proj":
      return [queries, hiddenSize];
    case "k_proj":
    case "v_proj":
      return [keys, hiddenSize];
    case "o_proj":
      return [hiddenSize, queries];
    case "gate_proj":
    case "up_proj":
      return [intermediateSize, hiddenSize];
    case "down_proj":
      return [hiddenSize, intermediateSize];
  }
}

/** All weights of a model, named and ordered as in a Hugging Face checkpoint. A tied head is not listed. */
export function baseParameters(config: ModelConfig): ParameterSpec[] {
  const { hiddenSize, vocabularySize } = config;
  const layers = Array.from({ length: config.layers }, (_, layer) => [
    ...[...ATTENTION_PROJECTIONS, ...MLP_PROJECTIONS].map((projection) => ({
      name: projectionName(layer, projection),
      shape: projectionShape(config, projection),
    })),
    { name: layerNormName(layer, "input_layernorm"), shape: [hiddenSize] },
    { name: layerNormName(layer, "post_attention_layernorm"), shape: [hiddenSize] },
  ]);
  return [
    { name: EMBEDDING, shape: [vocabularySize, hiddenSize] },
    ...layers.flat(),
    { name: FINAL_NORM, shape: [hiddenSize] },
    ...(config.tiedEmbeddings ? [] : [{ name: HEAD, shape: [vocabularySize, hiddenSize] }]),
  ];
}

/**
 * The weights of one model. All trainable values lie in one flat array and their gradients in another of the same layout,
 * so the optimizer is one loop; `values` and `gradient` of a parameter are windows into them. Frozen weights keep the
 * arrays they came in and may be shared by several stores.
 */
export class ParameterStore {
  /** Trainable values, parameter after parameter. */
  readonly values: Float32Array;
  /** dLoss/dvalues of all calls since the last optimizer step. */
  readonly gradients: Float32Array;
  readonly trainable: readonly Required<Parameter>[];
  readonly frozen: readonly Parameter[];
  readonly #byName: ReadonlyMap<string, Parameter>;

  /**
   * Trainable parameters start at zero: fill them with `set` or an initializer. Throws `ShapeError` for a name given twice
   * or frozen values of another size.
   */
  constructor(trainable: readonly ParameterSpec[], frozen: readonly Parameter[] = []) {
    const total = trainable.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    this.values = new Float32Array(total);
    this.gradients = new Float32Array(total);
    let start = 0;
    this.trainable = trainable.map(({ name, shape }) => {
      const end = start + sizeOf(shape);
      const values = this.values.subarray(start, end);
      const gradient = this.gradients.subarray(start, end);
      start = end;
      return { name, shape, values, gradient };
    });
    this.frozen = frozen.map(({ name, shape, values }) => ({ name, shape, values }));
    const all = [...this.trainable, ...this.frozen];
    for (const { name, shape, values } of all)
      if (values.length !== sizeOf(shape))
        throw new ShapeError(`${name} is [${shape}], ${sizeOf(shape)} values; got ${values.length}`);
    this.#byName = new Map(all.map((parameter) => [parameter.name, parameter]));
    if (this.#byName.size < all.length) throw new ShapeError("two parameters have the same name");
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Throws `ShapeError` where there is none of this name. */
  get(name: string): Parameter {
    const parameter = this.#byName.get(name);
    if (!parameter) throw new ShapeError(`the model has no parameter ${name}`);
    return parameter;
  }

  /** Overwrites the values of a parameter. */
  set(name: string, values: ArrayLike<number>): void {
    const parameter = this.get(name);
    if (values.length !== parameter.values.length)
      throw new ShapeError(
        `${name} is [${parameter.shape}], ${parameter.values.length} values; got ${values.length}`,
      );
    parameter.values.set(values);
  }
}
