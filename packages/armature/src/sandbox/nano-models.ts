import { BOS, EOS, PAD, VOCABULARY } from "./nano-vocabulary.ts";

/** A model's shape in the field names of a Hugging Face `config.json`. */
export interface NanoModel {
  readonly model_type: "llama";
  readonly architectures: readonly ["LlamaForCausalLM"];
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly max_position_embeddings: number;
  readonly rms_norm_eps: number;
  readonly rope_theta: number;
  readonly tie_word_embeddings: true;
  readonly hidden_act: "silu";
  readonly pad_token_id: number;
  readonly bos_token_id: number;
  readonly eos_token_id: number;
}

/** Reads two notes against a rubric: 0.35 M parameters. */
export const NANO_JUDGE = nanoModel({ width: 96, layers: 3, heads: 3 });

/**
 * Turns a request into a rubric: 0.11 M parameters. Four heads rather than two: with two it hardly told recipients apart
 * (see docs/sandbox.md).
 */
export const NANO_GENERATOR = nanoModel({ width: 64, layers: 2, heads: 4 });

/** Writes a note for a request: 0.11 M parameters. */
export const NANO_POLICY = nanoModel({ width: 64, layers: 2, heads: 4 });

/** Llama-like: SwiGLU of about 8/3 the width, tied embedding, as many key-value heads as heads. */
function nanoModel(shape: { width: number; layers: number; heads: number }): NanoModel {
  return {
    model_type: "llama",
    architectures: ["LlamaForCausalLM"],
    vocab_size: VOCABULARY.length,
    hidden_size: shape.width,
    intermediate_size: Math.ceil((shape.width * 8) / 3 / 16) * 16,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.heads,
    max_position_embeddings: 192,
    rms_norm_eps: 1e-6,
    rope_theta: 1000,
    tie_word_embeddings: true,
    hidden_act: "silu",
    pad_token_id: PAD,
    bos_token_id: BOS,
    eos_token_id: EOS,
  };
}
