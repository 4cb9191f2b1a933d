import type { ModelConfig } from "../model/model-config.ts";
import type { JsonObject } from "../weights/json-file.ts";

/**
 * The Hugging Face `config.json` of a model: `readModelConfig` gives the same configuration back. A scalar head is a
 * classification with one label.
 */
export function configJson(config: ModelConfig, head: "language" | "scalar" = "language"): JsonObject {
  const scaling = config.ropeScaling;
  return {
    model_type: "llama",
    ...(head === "scalar"
      ? {
          architectures: ["LlamaForSequenceClassification"],
          id2label: { 0: "LABEL_0" },
          label2id: { LABEL_0: 0 },
        }
      : { architectures: ["LlamaForCausalLM"] }),
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headDim,
    max_position_embeddings: config.maxContextLength,
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeTheta,
    ...(scaling && {
      rope_scaling: {
        rope_type: "llama3",
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalMaxContextLength,
      },
    }),
    tie_word_embeddings: config.tiedEmbeddings,
    hidden_act: "silu",
    attention_bias: false,
    mlp_bias: false,
    torch_dtype: "float32",
    ...(config.bosTokenId !== undefined && { bos_token_id: config.bosTokenId }),
    ...(config.eosTokenIds.length > 0 && {
      eos_token_id: config.eosTokenIds.length === 1 ? config.eosTokenIds[0] : config.eosTokenIds,
    }),
  };
}
