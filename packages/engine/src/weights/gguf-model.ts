import { ModelFileError } from "../errors.ts";
import type { GgufFile } from "./gguf.ts";
import type { JsonObject } from "./json-file.ts";
import { pairsToHalves } from "./rotary-order.ts";
import type { TensorEntry, WeightFile } from "./weight-file.ts";

const NAMES: ReadonlyMap<string, string> = new Map([
  ["token_embd", "model.embed_tokens"],
  ["output_norm", "model.norm"],
  ["output", "lm_head"],
  ["blk.attn_norm", "input_layernorm"],
  ["blk.attn_q", "self_attn.q_proj"],
  ["blk.attn_k", "self_attn.k_proj"],
  ["blk.attn_v", "self_attn.v_proj"],
  ["blk.attn_output", "self_attn.o_proj"],
  ["blk.ffn_norm", "post_attention_layernorm"],
  ["blk.ffn_gate", "mlp.gate_proj"],
  ["blk.ffn_up", "mlp.up_proj"],
  ["blk.ffn_down", "mlp.down_proj"],
]);

/** The `config.json` that a GGUF file's metadata describes. Llama's architecture only, which is also Mistral's. */
export function ggufConfigJson(file: GgufFile): JsonObject {
  const { metadata } = file;
  const architecture = metadata.required("general.architecture", metadata.text("general.architecture"));
  if (architecture !== "llama")
    throw new ModelFileError(
      `${file.path}: general.architecture "${architecture}" cannot be read, only "llama"`,
    );
  const number = (key: string) => metadata.number(`llama.${key}`);
  const required = (key: string) => metadata.required(`llama.${key}`, number(key));
  const scaling = metadata.text(`llama.rope.scaling.type`);
  if ((scaling && scaling !== "none") || file.tensors.has("rope_freqs.weight"))
    throw new ModelFileError(
      `${file.path}: stretches its context by rope scaling, which is not supported; use a model without it`,
    );
  const heads = required("attention.head_count");
  return {
    model_type: "llama",
    architectures: ["LlamaForCausalLM"],
    hidden_size: required("embedding_length"),
    intermediate_size: required("feed_forward_length"),
    num_hidden_layers: required("block_count"),
    num_attention_heads: heads,
    num_key_value_heads: number("attention.head_count_kv") ?? heads,
    head_dim: number("attention.key_length") ?? required("embedding_length") / heads,
    vocab_size: file.tensors.get("token_embd.weight")?.shape[0] ?? required("vocab_size"),
    max_position_embeddings: required("context_length"),
    rms_norm_eps: required("attention.layer_norm_rms_epsilon"),
    rope_theta: number("rope.freq_base") ?? 10_000,
    tie_word_embeddings: !file.tensors.has("output.weight"),
    hidden_act: "silu",
    bos_token_id: metadata.number("tokenizer.ggml.bos_token_id"),
    eos_token_id: metadata.number("tokenizer.ggml.eos_token_id"),
  };
}

/** The same tensors under Hugging Face's names and in its row order; `headDim` is the width of a query or key head. */
export function ggufWeights(file: GgufFile, headDim: number): WeightFile {
  const tensors = new Map<string, TensorEntry>();
  const ggufNames = new Map<string, string>();
  for (const [ggufName, entry] of file.tensors) {
    const name = huggingFaceName(ggufName);
    if (!name)
      throw new ModelFileError(
        `${file.path}: tensor ${ggufName} has no place in a model of this architecture`,
      );
    tensors.set(name, entry);
    ggufNames.set(name, ggufName);
  }
  const read = (name: string): Float32Array => {
    const values = file.read(ggufNames.get(name) ?? name);
    // convert_hf_to_gguf.py reorders these two for Llama (and only for it).
    const inPairs = /\.[qk]_proj\.weight$/.test(name);
    return inPairs ? pairsToHalves(values, tensors.get(name)!.shape[0]!, headDim) : values;
  };
  return { path: file.path, tensors, read, close: () => file.close() };
}

function huggingFaceName(ggufName: string): string | undefined {
  const parts = /^(?:blk\.(\d+)\.)?([a-z_]+)\.weight$/.exec(ggufName);
  if (!parts) return undefined;
  const [, layer, kind] = parts;
  const name = NAMES.get(layer === undefined ? kind! : `blk.${kind}`);
  if (name === undefined) return undefined;
  return layer === undefined ? `${name}.weight` : `model.layers.${layer}.${name}.weight`;
}
