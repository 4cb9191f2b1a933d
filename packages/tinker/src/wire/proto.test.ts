import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Datum } from "../datum.ts";
import { TinkerError } from "../errors.ts";
import {
  decodeForwardBackwardOutput,
  decodeForwardBackwardRequest,
  decodeSampleResponse,
  encodeForwardBackwardOutput,
  encodeForwardBackwardRequest,
  encodeSampleResponse,
  ForwardBackwardBody,
  type ForwardBackwardOutput,
  type ForwardBackwardRequest,
  forwardBackwardJson,
  forwardBackwardOutputJson,
  ForwardBackwardOutput as OutputSchema,
  readJson,
  type SampleResponse,
  SampleResponse as SampleSchema,
  sampleResponseJson,
} from "./index.ts";

const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/sdk-proto.json", import.meta.url), "utf8"),
) as Record<"plain_request" | "request" | "sparse_request" | "output" | "sample", string>;
const bytesOf = (name: keyof typeof golden) => new Uint8Array(Buffer.from(golden[name], "base64"));

const request: ForwardBackwardRequest = {
  model_id: "abc:train:0",
  seq_id: 300,
  loss_fn: "ppo",
  loss_fn_config: { clip_low_threshold: 0.9, kl_estimator: "k3" },
  forward_only: true,
  data: [
    {
      modelInput: {
        chunks: [
          { type: "encoded_text", tokens: Int32Array.of(1, 2, 70_000) },
          { type: "encoded_text", tokens: Int32Array.of(4) },
        ],
      },
      lossInputs: {
        advantages: { data: Float32Array.of(0.5, -1.25, 0, 3), dtype: "float32", shape: [4] },
        target_tokens: { data: Int32Array.of(2, 70_000, 4, 5), dtype: "int64", shape: [4] },
      },
    },
  ],
};

describe("protobuf of the official SDK's generated messages", () => {
  it("is read: a request with settings, two chunks and provenance spans, which are skipped", () => {
    expect(decodeForwardBackwardRequest(bytesOf("request"))).toEqual(request);
    // Bytes from a socket lie anywhere in a pool that is shared.
    expect(decodeForwardBackwardRequest(Buffer.from(golden.request, "base64"))).toEqual(request);
  });

  it("is read: a sparse tensor becomes dense", () => {
    const { weights } = decodeForwardBackwardRequest(bytesOf("sparse_request")).data[0]!.lossInputs;
    const dense = new Float32Array(600);
    dense[299] = 0.25;
    dense[300] = -2;
    dense[450] = 1;
    expect(weights).toEqual({ data: dense, dtype: "float32", shape: [2, 300] });
  });

  it("is read: records of several shapes, narrow element types widened", () => {
    expect(decodeForwardBackwardOutput(bytesOf("output"))).toEqual({
      loss_fn_output_type: "ArrayRecord",
      metrics: { "loss:sum": 12.5, "e_frac:mean": -0.0625 },
      loss_fn_outputs: [
        {
          logprobs: { data: Float32Array.of(-0.5, -1.5), dtype: "float32", shape: [2] },
          half: { data: Float32Array.of(1, -2.5), dtype: "float32", shape: [1, 2] },
        },
        {
          logprobs: { data: Float32Array.of(-2.5), dtype: "float32", shape: [1] },
          half: { data: Float32Array.of(3.140625, 0), dtype: "float32", shape: [1, 2] },
        },
        {
          logprobs: { data: Float32Array.of(-9), dtype: "float32", shape: [1] },
          half: { data: Int32Array.of(-3), dtype: "int64", shape: [1] },
        },
      ],
    });
  });

  it("is read: samples with missing logprobs", () => {
    const response = decodeSampleResponse(bytesOf("sample"));
    expect(response).toEqual({
      sequences: [
        { tokens: Int32Array.of(5, 6), logprobs: Float32Array.of(-0.125, -3), stop_reason: "length" },
        { tokens: Int32Array.of(9), logprobs: undefined, stop_reason: "stop" },
      ],
      prompt_logprobs: Float32Array.of(Number.NaN, -0.75),
      prompt_cache_hit_tokens: 128,
    });
  });

  it("is what we write, byte for byte", () => {
    expect(encodeForwardBackwardRequest(request)).toEqual(bytesOf("plain_request"));
  });
});

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
const text = fc.string({ unit: "grapheme", maxLength: 8 });
const tokens = fc.array(fc.nat(2 ** 31 - 1), { maxLength: 6 });
const tensor = fc.oneof(
  fc.array(finite, { maxLength: 6 }).map((row) => ({
    data: Float32Array.from(row),
    dtype: "float32" as const,
    shape: [row.length],
  })),
  tokens.map((row) => ({ data: Int32Array.from(row), dtype: "int64" as const, shape: [row.length] })),
);
const datum: fc.Arbitrary<Datum> = fc.record({
  modelInput: fc.array(tokens, { maxLength: 2 }).map((chunks) => ({
    chunks: chunks.map((ids) => ({ type: "encoded_text" as const, tokens: Int32Array.from(ids) })),
  })),
  lossInputs: fc.record({ target_tokens: tensor }, { requiredKeys: ["target_tokens"] }),
});
const anyRequest: fc.Arbitrary<ForwardBackwardRequest> = fc.record(
  {
    model_id: text,
    seq_id: fc.nat(),
    data: fc.array(datum, { maxLength: 3 }),
    loss_fn: text,
    forward_only: fc.boolean(),
    loss_fn_config: fc.dictionary(
      fc.stringMatching(/^[a-z_]{1,5}$/),
      fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), text),
      {
        minKeys: 1,
        maxKeys: 3,
      },
    ),
  },
  { requiredKeys: ["model_id", "seq_id", "data", "loss_fn", "forward_only"] },
);
const output: fc.Arbitrary<ForwardBackwardOutput> = fc.record({
  loss_fn_output_type: fc.constantFrom("ArrayRecord", "TorchLossReturn"),
  loss_fn_outputs: fc.array(fc.record({ logprobs: tensor }), { maxLength: 4 }),
  metrics: fc.dictionary(
    fc.stringMatching(/^[a-z:]{1,6}$/),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    { maxKeys: 3 },
  ),
});
const floats = fc.array(finite, { minLength: 1, maxLength: 5 }).map((row) => Float32Array.from(row));
const sample: fc.Arbitrary<SampleResponse> = fc.record({
  sequences: fc.array(
    fc.record({
      tokens: tokens.map((ids) => Int32Array.from(ids)),
      logprobs: fc.option(floats, { nil: undefined }),
      stop_reason: fc.constantFrom("stop" as const, "length" as const),
    }),
    { maxLength: 3 },
  ),
  prompt_logprobs: fc.option(floats, { nil: undefined }),
  prompt_cache_hit_tokens: fc.nat(),
});
const plain = (value: object) => JSON.parse(JSON.stringify(value)) as unknown;

describe("what is written is read back", () => {
  it("requests, in protobuf and JSON", () => {
    fc.assert(
      fc.property(anyRequest, (value) => {
        expect(decodeForwardBackwardRequest(encodeForwardBackwardRequest(value))).toEqual(value);
        const { body } = forwardBackwardJson(value);
        // -0 has no JSON of its own: a typed array keeps it, JSON does not.
        const again = readJson(ForwardBackwardBody, JSON.stringify(body), "body", "user");
        expect(plain(forwardBackwardJson(again).body)).toEqual(plain(body));
      }),
    );
  });

  it("results, in protobuf and JSON", () => {
    fc.assert(
      fc.property(output, sample, (result, response) => {
        expect(decodeForwardBackwardOutput(encodeForwardBackwardOutput(result))).toEqual(result);
        const json = JSON.stringify(forwardBackwardOutputJson(result));
        expect(plain(forwardBackwardOutputJson(readJson(OutputSchema, json, "", "protocol")))).toEqual(
          JSON.parse(json),
        );
        expect(decodeSampleResponse(encodeSampleResponse(response))).toEqual(response);
        const samples = JSON.stringify(sampleResponseJson(response));
        expect(plain(sampleResponseJson(readJson(SampleSchema, samples, "", "protocol")))).toEqual(
          JSON.parse(samples),
        );
      }),
    );
  });
});

describe("hostile bytes", () => {
  const decoders = [decodeForwardBackwardRequest, decodeForwardBackwardOutput, decodeSampleResponse];
  const decodesOrRefuses = (bytes: Uint8Array) => {
    for (const decode of decoders) {
      try {
        decode(bytes);
      } catch (error) {
        expect(TinkerError.isInstance(error), String(error)).toBe(true);
      }
    }
  };

  it("give a result or a TinkerError, never another error: random bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), decodesOrRefuses), { numRuns: 500 });
  });

  it("the same for a real message with one byte changed or cut short", () => {
    for (const name of ["request", "sparse_request", "output", "sample"] as const) {
      const whole = bytesOf(name);
      for (let at = 0; at < whole.length; at++) {
        decodesOrRefuses(whole.slice(0, at));
        for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
          const changed = whole.slice();
          changed[at] = value;
          decodesOrRefuses(changed);
        }
      }
    }
  });

  it.each([
    ["a length beyond the end", [0x0a, 0xff, 0xff, 0xff, 0x7f], "a field claims"],
    ["a number that never ends", [0x10, ...Array(11).fill(0xff)], "longer than ten bytes"],
    ["a group", [0x0b], "wire type 3"],
    ["field number 0", [0x00], "field has number 0"],
    ["text that is not UTF-8", [0x0a, 1, 0xff], "not UTF-8"],
    ["a number where a text belongs", [0x08, 1], "wire type 0 where 2 belongs"],
    ["an image", [0x1a, 4, 0x0a, 2, 0x12, 0], "not image"],
  ])("are refused with the reason: %s", (_, bytes, message) => {
    expect(() => decodeForwardBackwardRequest(Uint8Array.from(bytes as number[]))).toThrow(message as string);
  });

  it("do not make a sparse tensor of more values than memory has", () => {
    const request = ForwardBackwardBody.safeParse.bind(ForwardBackwardBody);
    const weights = {
      data: [],
      dtype: "float32",
      shape: [1e6, 1e6],
      sparse_crow_indices: [0],
      sparse_col_indices: [],
    };
    const body = {
      model_id: "m",
      seq_id: 1,
      forward_backward_input: {
        loss_fn: "x",
        data: [{ model_input: { chunks: [] }, loss_fn_inputs: { weights } }],
      },
    };
    expect(() => request(body)).toThrow("has more than 67108864 values");
  });
});
