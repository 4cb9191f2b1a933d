import { ModelFileError } from "../errors.ts";

/** A causal transformer of the Llama family: RMSNorm, rotary positions, grouped-query attention, SwiGLU, no biases. */
export interface ModelConfig {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Query heads. */
  readonly heads: number;
  /** Heads of keys and values; divides `heads`. */
  readonly keyValueHeads: number;
  readonly headDim: number;
  /** Width of the gate and up projections. */
  readonly intermediateSize: number;
  /** Base of the rotary frequencies. */
  readonly ropeTheta: number;
  readonly ropeScaling?: Llama3RopeScaling;
  /** Epsilon inside the root of every RMSNorm. */
  readonly normEpsilon: number;
  /** True where the output head is the embedding matrix. */
  readonly tiedEmbeddings: boolean;
  /** Most positions of one sequence. */
  readonly maxContextLength: number;
  readonly bosTokenId?: number;
  /** Tokens that end a sequence; may be empty. */
  readonly eosTokenIds: readonly number[];
}

/** Llama 3.1's stretching of the low rotary frequencies (`rope_type: llama3`). */
export interface Llama3RopeScaling {
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  readonly originalMaxContextLength: number;
}

const LLAMA_FAMILY = ["llama", "mistral"];

/**
 * Reads a Hugging Face `config.json`. `where` names the file in errors. Throws `ModelFileError` naming the field for other
 * families and for variants that would be computed wrongly (biases, other activations, other rope scalings).
 */
export function readModelConfig(json: unknown, where: string): ModelConfig {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new ModelFileError(`${where}: must hold a JSON object`);
  const fields = new ConfigFields(json as Record<string, unknown>, where);
  fields.demand("model_type", LLAMA_FAMILY);
  fields.demand("hidden_act", ["silu", undefined]);
  fields.demand("attention_bias", [false, null, undefined]);
  fields.demand("mlp_bias", [false, null, undefined]);
  fields.demand("quantization_config", [null, undefined]);

  const hiddenSize = fields.integer("hidden_size");
  const heads = fields.integer("num_attention_heads");
  const keyValueHeads = fields.integer("num_key_value_heads", heads);
  if (heads % keyValueHeads !== 0)
    fields.fail("num_key_value_heads", `${keyValueHeads} does not divide the ${heads} attention heads`);
  const headDim = fields.integer("head_dim", hiddenSize / heads);
  if (headDim % 2 !== 0) fields.fail("head_dim", `${headDim} must be an even integer for rotary positions`);
  // transformers 5 moved the rotary settings into rope_parameters.
  const rope = fields.object("rope_parameters") ?? fields.object("rope_scaling");
  const maxPositions = fields.integer("max_position_embeddings");
  const bosTokenId = fields.tokenIds("bos_token_id")[0];
  const ropeScaling = rope && readRopeScaling(rope);
  return {
    vocabularySize: fields.integer("vocab_size"),
    hiddenSize,
    layers: fields.integer("num_hidden_layers"),
    heads,
    keyValueHeads,
    headDim,
    intermediateSize: fields.integer("intermediate_size"),
    ropeTheta: (rope?.has("rope_theta") ? rope : fields).positive("rope_theta", 10_000),
    ...(ropeScaling && { ropeScaling }),
    normEpsilon: fields.positive("rms_norm_eps", 1e-6),
    tiedEmbeddings: fields.flag("tie_word_embeddings", false),
    // Within its window sliding attention is plain causal attention.
    maxContextLength: Math.min(maxPositions, fields.integer("sliding_window", maxPositions)),
    ...(bosTokenId !== undefined && { bosTokenId }),
    eosTokenIds: fields.tokenIds("eos_token_id"),
  };
}

function readRopeScaling(rope: ConfigFields): Llama3RopeScaling | undefined {
  const typeField = rope.has("rope_type") ? "rope_type" : "type";
  rope.demand(typeField, ["default", "llama3", undefined]);
  if (!rope.is(typeField, "llama3")) return undefined;
  return {
    factor: rope.positive("factor"),
    lowFrequencyFactor: rope.positive("low_freq_factor"),
    highFrequencyFactor: rope.positive("high_freq_factor"),
    originalMaxContextLength: rope.integer("original_max_position_embeddings"),
  };
}

/** Typed reading of one JSON object; every failure names the file and the field. */
class ConfigFields {
  readonly #json: Record<string, unknown>;
  readonly #where: string;

  constructor(json: Record<string, unknown>, where: string) {
    this.#json = json;
    this.#where = where;
  }

  has(name: string): boolean {
    return this.#json[name] !== undefined && this.#json[name] !== null;
  }

  is(name: string, value: unknown): boolean {
    return this.#json[name] === value;
  }

  fail(name: string, why: string): never {
    throw new ModelFileError(`${this.#where}: ${name}: ${why}`);
  }

  /** Refuses values that this model code does not compute. */
  demand(name: string, allowed: readonly unknown[]): void {
    const value = this.#json[name];
    if (allowed.includes(value)) return;
    const named = allowed.filter((choice) => choice !== undefined).map((choice) => JSON.stringify(choice));
    this.fail(name, `${JSON.stringify(value) ?? "missing"} is not supported, only ${named.join(" or ")}`);
  }

  positive(name: string, absent?: number): number {
    const value = this.has(name) ? this.#json[name] : absent;
    if (typeof value !== "number" || !(value > 0) || !Number.isFinite(value))
      this.fail(name, `${JSON.stringify(value) ?? "missing"} must be a positive number`);
    return value as number;
  }

  integer(name: string, absent?: number): number {
    const value = this.positive(name, absent);
    if (!Number.isInteger(value)) this.fail(name, `${value} must be an integer`);
    return value;
  }

  flag(name: string, absent: boolean): boolean {
    const value = this.has(name) ? this.#json[name] : absent;
    if (typeof value !== "boolean") this.fail(name, `${JSON.stringify(value)} must be true or false`);
    return value as boolean;
  }

  tokenIds(name: string): number[] {
    if (!this.has(name)) return [];
    const value = this.#json[name];
    const ids: unknown[] = Array.isArray(value) ? value : [value];
    for (const id of ids)
      if (!Number.isInteger(id) || (id as number) < 0)
        this.fail(name, `${JSON.stringify(id)} must be a token id`);
    return ids as number[];
  }

  object(name: string): ConfigFields | undefined {
    if (!this.has(name)) return undefined;
    const value = this.#json[name];
    if (typeof value !== "object" || Array.isArray(value)) this.fail(name, "must be an object");
    return new ConfigFields(value as Record<string, unknown>, `${this.#where}: ${name}`);
  }
}
