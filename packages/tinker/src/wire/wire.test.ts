import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  AsampleRequest,
  acceptsProtobuf,
  CreateModelRequest,
  checkCheckpointName,
  decompressed,
  hasZstd,
  isProtobuf,
  OptimStepRequest,
  readCheckpointPath,
  readErrorText,
  readJson,
  readLoss,
  readValue,
  Submitted,
  TrainingRunsReply,
  writeCheckpointPath,
} from "./index.ts";

describe("checkpoint paths", () => {
  it.each([
    ["tinker://S-1:train:0/weights/step-10", { run: "S-1:train:0", kind: "training", name: "step-10" }],
    ["tinker://a/sampler_weights/0001", { run: "a", kind: "sampler", name: "0001" }],
  ] as const)("are read and written: %s", (path, parts) => {
    expect(readCheckpointPath(path)).toEqual(parts);
    expect(writeCheckpointPath(parts)).toBe(path);
  });

  it.each([
    "tinker://a/b/c",
    "tinker://a/weights",
    "tinker://a/weights/b/c",
    "http://a/weights/b",
    "tinker:///weights/b",
    "tinker://a/weights/..",
    "tinker://../weights/a",
    "tinker://a/toString/b",
    "",
  ])("are refused: %j", (path) => {
    expect(() => readCheckpointPath(path)).toThrow("is no checkpoint path");
  });

  it.each(["a.b", "", "a/b", "..", "é", "x".repeat(256)])("names are refused: %j", (name) => {
    expect(() => checkCheckpointName(name)).toThrow("checkpoint name");
  });
});

describe("requests", () => {
  const sample = { prompt: { chunks: [{ type: "encoded_text", tokens: [1] }] }, sampling_params: {} };

  it.each([
    ["a string", "\n", ["\n"]],
    ["strings", ["a", "b"], ["a", "b"]],
    ["token ids", [1, 2], [1, 2]],
    ["null", null, undefined],
  ])("read stops given as %s", (_, stop, expected) => {
    const read = AsampleRequest.parse({ ...sample, sampling_params: { max_tokens: 1, stop } });
    expect(read.sampling_params.stop).toEqual(expected);
    expect(read.prompt.chunks[0]!.tokens).toEqual(Int32Array.of(1));
  });

  it("read the optimizer's parameters under both names, with the protocol's defaults", () => {
    const defaults = { beta1: 0.9, beta2: 0.95, eps: 1e-12, weight_decay: 0, grad_clip_norm: 0 };
    for (const key of ["adam_params", "optim_params"])
      expect(OptimStepRequest.parse({ model_id: "m", [key]: { learning_rate: 0.5 } }).adam_params).toEqual({
        ...defaults,
        learning_rate: 0.5,
      });
  });

  it.each([
    [
      OptimStepRequest,
      { model_id: "m", optimizer_params: { type: "dimuon" } },
      "body: optimizer dimuon is not",
    ],
    [CreateModelRequest, { session_id: "s", model_seq_id: -1, base_model: "b" }, "body: model_seq_id "],
    [AsampleRequest, { ...sample, num_samples: 0 }, "body: num_samples "],
    [
      AsampleRequest,
      { ...sample, prompt: { chunks: [{ type: "image", data: "" }] } },
      "body: prompt.chunks.0.type only chunks of type encoded_text are supported, not image",
    ],
    [
      AsampleRequest,
      { ...sample, prompt: { chunks: [{ type: "encoded_text", tokens: [1.5] }] } },
      "body: token ids: 1.5 is no integer of 32 bits",
    ],
    [Submitted, { request_id: "" }, "body: request_id "],
  ])("name the first field at fault (%#)", (schema, value, message) => {
    expect(() => readValue(schema, value, "body", "user")).toThrow(message);
  });

  it("refuse what is not JSON", () => {
    expect(() => readJson(Submitted, "{", "reply", "protocol")).toThrow("reply is not JSON");
  });
});

describe("replies", () => {
  it("accept integer ids, nulls and fields that nobody knows", () => {
    expect(Submitted.parse({ request_id: 17, model_id: null, more: 1 }).request_id).toBe("17");
    const run = { training_run_id: "r", base_model: "b", last_checkpoint: null, lora_rank: null, extra: {} };
    expect(TrainingRunsReply.parse({ training_runs: [run] }).training_runs[0]!.lora_rank).toBeUndefined();
  });

  it.each([
    ['{"detail":"no such model"}', "no such model"],
    ['{"detail":[{"loc":["body","seq_id"],"msg":"too small","type":"x"}]}', "body.seq_id: too small"],
    ['{"error":"bad"}', "bad"],
    ['{"error":{"message":"bad","type":"x"}}', "bad"],
    ["<html>\n Bad   Gateway", "<html> Bad Gateway"],
    ["", ""],
  ])("errors are read as one line: %s", (body, expected) => {
    expect(readErrorText(body)).toBe(expected);
  });
});

describe("content types", () => {
  it("know protobuf by its spellings", () => {
    expect(["application/x-protobuf", "application/protobuf; charset=x"].every(isProtobuf)).toBe(true);
    expect(["application/json", "", null, "application/x-protobuffer"].some(isProtobuf)).toBe(false);
  });

  it.each([
    ["application/x-protobuf, application/json;q=0.5", true],
    ["application/x-protobuf", true],
    ["application/json, application/x-protobuf;q=0.5", false],
    ["*/*", false],
    [undefined, false],
  ])("Accept %s", (accept, expected) => {
    expect(acceptsProtobuf(accept)).toBe(expected);
  });
});

describe("compressed bodies", () => {
  it("are unpacked up to a limit", () => {
    const bomb = gzipSync(new Uint8Array(1_000_000));
    expect(decompressed(bomb, "gzip", 1_000_000).length).toBe(1_000_000);
    expect(() => decompressed(bomb, "gzip", 999_999)).toThrow("more than 999999 bytes");
    expect(() => decompressed(Uint8Array.of(1, 2), "gzip", 10)).toThrow("damaged gzip body");
    expect(() => decompressed(Uint8Array.of(1), "br", 10)).toThrow("content encoding br is not supported");
  });

  it.skipIf(hasZstd)("need a Node with zstd", () => {
    expect(() => decompressed(Uint8Array.of(1), "zstd", 10)).toThrow("needs Node 22.15");
  });
});

describe("losses", () => {
  it("are read with their settings", () => {
    expect(readLoss("ppo", { clip_low_threshold: 0.5 })).toEqual({
      name: "ppo",
      config: { clip_low_threshold: 0.5 },
    });
    expect(readLoss("cross_entropy")).toEqual({ name: "cross_entropy" });
  });

  it.each([
    ["dro", {}, "loss dro is not supported; use one of cross_entropy"],
    ["toString", {}, "loss toString is not supported"],
    ["ppo", { clip: 1 }, "loss ppo has no setting clip"],
    ["ppo", { kl_estimator: "k4" }, "kl_estimator cannot be k4"],
    ["ppo", { kl_beta: "1" }, "kl_beta cannot be 1"],
  ])("are refused: %s %j", (name, config, message) => {
    expect(() => readLoss(name, config as never)).toThrow(message);
  });
});
