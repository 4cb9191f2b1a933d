import { describe, expect, it } from "vitest";
import { ModelFileError } from "../errors.ts";
import { readModelConfig } from "./model-config.ts";

const smol = {
  model_type: "llama",
  vocab_size: 49152,
  hidden_size: 576,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  intermediate_size: 1536,
  max_position_embeddings: 8192,
  rope_theta: 100000,
  rms_norm_eps: 1e-5,
  hidden_act: "silu",
  attention_bias: false,
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
  rope_scaling: null,
};

describe("readModelConfig", () => {
  it("reads a Llama configuration", () => {
    expect(readModelConfig(smol, "config.json")).toEqual({
      vocabularySize: 49152,
      hiddenSize: 576,
      layers: 30,
      heads: 9,
      keyValueHeads: 3,
      headDim: 64,
      intermediateSize: 1536,
      ropeTheta: 100000,
      normEpsilon: 1e-5,
      tiedEmbeddings: true,
      maxContextLength: 8192,
      bosTokenId: 1,
      eosTokenIds: [2],
    });
  });

  it("fills in what older files leave out", () => {
    const {
      num_key_value_heads: _,
      rope_theta: __,
      tie_word_embeddings: ___,
      eos_token_id: ____,
      ...old
    } = smol;
    const config = readModelConfig(old, "config.json");
    expect([config.keyValueHeads, config.ropeTheta, config.tiedEmbeddings, config.eosTokenIds]).toEqual([
      9,
      10000,
      false,
      [],
    ]);
  });

  it("reads Llama 3.1's rope scaling in the old and the new place, and several end tokens", () => {
    const scaling = {
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    };
    const expected = {
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalMaxContextLength: 8192,
    };
    const old = readModelConfig(
      { ...smol, rope_scaling: { ...scaling, rope_type: "llama3" }, eos_token_id: [3, 4] },
      "config.json",
    );
    expect([old.ropeScaling, old.ropeTheta, old.eosTokenIds]).toEqual([expected, 100000, [3, 4]]);
    const { rope_theta: _, ...rest } = smol;
    const recent = readModelConfig(
      { ...rest, rope_parameters: { ...scaling, rope_type: "llama3", rope_theta: 500000 } },
      "config.json",
    );
    expect([recent.ropeScaling, recent.ropeTheta]).toEqual([expected, 500000]);
  });

  it("ends the context of a sliding window where the window does", () => {
    const mistral = { ...smol, model_type: "mistral", sliding_window: 4096 };
    expect(readModelConfig(mistral, "config.json").maxContextLength).toBe(4096);
  });

  it.each([
    [{ model_type: "qwen2" }, 'model_type: "qwen2" is not supported, only "llama" or "mistral"'],
    [{ model_type: undefined }, "model_type: missing is not supported"],
    [{ hidden_act: "gelu" }, 'hidden_act: "gelu" is not supported, only "silu"'],
    [{ attention_bias: true }, "attention_bias: true is not supported, only false or null"],
    [{ mlp_bias: true }, "mlp_bias: true is not supported"],
    [{ quantization_config: { bits: 4 } }, 'quantization_config: {"bits":4} is not supported'],
    [{ rope_scaling: { type: "linear", factor: 2 } }, 'rope_scaling: type: "linear" is not supported'],
    [{ rope_scaling: { rope_type: "llama3" } }, "rope_scaling: factor: missing must be a positive number"],
    [{ rope_scaling: 4 }, "rope_scaling: must be an object"],
    [{ hidden_size: undefined }, "hidden_size: missing must be a positive number"],
    [{ hidden_size: "576" }, 'hidden_size: "576" must be a positive number'],
    [{ num_hidden_layers: 1.5 }, "num_hidden_layers: 1.5 must be an integer"],
    [{ num_key_value_heads: 2 }, "num_key_value_heads: 2 does not divide the 9 attention heads"],
    [{ hidden_size: 577 }, "head_dim: 64.11111111111111 must be an integer"],
    [{ head_dim: 63 }, "head_dim: 63 must be an even integer"],
    [{ tie_word_embeddings: "yes" }, 'tie_word_embeddings: "yes" must be true or false'],
    [{ eos_token_id: [2, -1] }, "eos_token_id: -1 must be a token id"],
  ])("refuses %j", (change, message) => {
    const read = () => readModelConfig({ ...smol, ...change }, "some/config.json");
    expect(read).toThrow(ModelFileError);
    expect(read).toThrow(`some/config.json: ${message}`);
  });

  it("refuses what is no object", () => {
    expect(() => readModelConfig([], "config.json")).toThrow("config.json: must hold a JSON object");
  });
});
