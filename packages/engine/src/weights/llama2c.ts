import { ModelFileError } from "../errors.ts";
import { FileBytes } from "./file-bytes.ts";
import { F32, readFloats } from "./float-format.ts";
import type { JsonObject } from "./json-file.ts";
import { pairsToHalves } from "./rotary-order.ts";
import type { TensorEntry, WeightFile } from "./weight-file.ts";

const HEADER_BYTES = 28;

/** Bytes from the start of the file. `perHead` marks rows in Meta's rotary order. */
interface Llama2cEntry extends TensorEntry {
  readonly start: number;
  readonly perHead: boolean;
}

/**
 * Opens a checkpoint of llama2.c, version 0 (`legacy_export` of its export.py): seven int32 (dim, hidden, layers, heads,
 * key/value heads, vocabulary, negative where the head is not tied, context), then float32 tensors, each kind for all
 * layers in a row. Tensors get Hugging Face's names and row order.
 */
export function openLlama2c(path: string): { configJson: JsonObject; weights: WeightFile } {
  const file = new FileBytes(path);
  try {
    const { configJson, headDim, entries } = readLayout(file);
    const read = (name: string): Float32Array => {
      const entry = entries.get(name);
      if (!entry) throw new ModelFileError(`${path}: has no tensor ${name}`);
      const count = entry.shape.reduce((product, n) => product * n, 1);
      const values = readFloats(file, entry.start, count, F32, `tensor ${name}`);
      return entry.perHead ? pairsToHalves(values, entry.shape[0]!, headDim) : values;
    };
    return { configJson, weights: { path, tensors: entries, read, close: () => file.close() } };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readLayout(file: FileBytes): {
  configJson: JsonObject;
  headDim: number;
  entries: Map<string, Llama2cEntry>;
} {
  const bytes = new Uint8Array(HEADER_BYTES);
  file.read(0, bytes, "the header");
  const header = Array.from({ length: 7 }, (_, i) => new DataView(bytes.buffer).getInt32(4 * i, true));
  const [dim, hidden, layers, heads, kvHeads, vocabulary, context] = header as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [vocabSize, tied, headDim] = [Math.abs(vocabulary), vocabulary > 0, dim / heads];
  const plausible =
    [dim, hidden, layers, heads, kvHeads, vocabSize, context].every((n) => n > 0 && n < 2 ** 24) &&
    layers < 1024 &&
    Number.isInteger(headDim / 2) &&
    heads % kvHeads === 0;
  if (!plausible)
    throw new ModelFileError(
      `${file.path}: header [${header.join(", ")}] is not that of a llama2.c version 0 checkpoint`,
    );

  const entries = new Map<string, Llama2cEntry>();
  let start = HEADER_BYTES;
  const place = (name: string, shape: readonly number[], perHead = false) => {
    entries.set(name, { shape, dtype: "F32", start, perHead });
    start += 4 * shape.reduce((product, n) => product * n, 1);
  };
  const placeLayers = (name: string, shape: readonly number[], perHead = false) => {
    for (let layer = 0; layer < layers; layer++)
      place(`model.layers.${layer}.${name}.weight`, shape, perHead);
  };
  place("model.embed_tokens.weight", [vocabSize, dim]);
  placeLayers("input_layernorm", [dim]);
  placeLayers("self_attn.q_proj", [dim, dim], true);
  placeLayers("self_attn.k_proj", [kvHeads * headDim, dim], true);
  placeLayers("self_attn.v_proj", [kvHeads * headDim, dim]);
  placeLayers("self_attn.o_proj", [dim, dim]);
  placeLayers("post_attention_layernorm", [dim]);
  placeLayers("mlp.gate_proj", [hidden, dim]);
  placeLayers("mlp.down_proj", [dim, hidden]);
  placeLayers("mlp.up_proj", [hidden, dim]);
  place("model.norm.weight", [dim]);
  // Two unused tables of rotary cosines and sines.
  start += 2 * 4 * context * (headDim / 2);
  if (!tied) place("lm_head.weight", [vocabSize, dim]);
  if (start !== file.size)
    throw new ModelFileError(
      `${file.path}: has ${file.size} bytes where its header needs ${start}; it is damaged or not a version 0 checkpoint`,
    );

  const configJson = {
    model_type: "llama",
    architectures: ["LlamaForCausalLM"],
    hidden_size: dim,
    intermediate_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    vocab_size: vocabSize,
    max_position_embeddings: context,
    tie_word_embeddings: tied,
    // Constants of llama2.c's run.c.
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    hidden_act: "silu",
    bos_token_id: 1,
    // Stories follow each other with the begin token alone between them, and run.c stops at it.
    eos_token_id: [1, 2],
  };
  return { configJson, headDim, entries };
}
