import type { LoraConfig } from "../../packages/engine/src/model/lora.ts";
import { type ModelConfig, readModelConfig } from "../../packages/engine/src/model/model-config.ts";

/** A model shape that both sides build, from the same Hugging Face fields. */
export interface ModelShape {
  readonly name: string;
  /** Fields of a Hugging Face `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Adapters on all linear layers of a frozen base; null trains every weight. */
  readonly lora: { readonly rank: number; readonly alpha: number } | null;
}

const llama = {
  model_type: "llama",
  hidden_act: "silu",
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  attention_bias: false,
  mlp_bias: false,
  bos_token_id: 1,
  eos_token_id: 2,
} as const;

export const NANO: ModelShape = {
  name: "nano",
  config: {
    ...llama,
    vocab_size: 1000,
    hidden_size: 128,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    intermediate_size: 344,
    max_position_embeddings: 512,
  },
  lora: null,
};

/** SmolLM2-135M with an adapter. */
export const SMOLLM2: ModelShape = {
  name: "smollm2-135m",
  config: {
    ...llama,
    vocab_size: 49_152,
    hidden_size: 576,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    intermediate_size: 1536,
    max_position_embeddings: 8192,
  },
  lora: { rank: 16, alpha: 32 },
};

export function engineConfig({ name, config }: ModelShape): ModelConfig {
  return readModelConfig(config, name);
}

export function engineLora({ lora }: ModelShape): LoraConfig | null {
  return lora && { ...lora, attention: true, mlp: true, head: false, seed: 0 };
}
