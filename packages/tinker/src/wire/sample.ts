import { z } from "zod";
import { TinkerError } from "../errors.ts";
import { WireModelInput } from "./forward-backward.ts";
import { packFloats, packInt32, unpackFloats, unpackInt32 } from "./packed-numbers.ts";
import { ProtoReader } from "./proto-reader.ts";
import { ProtoWriter } from "./proto-writer.ts";
import { NumberList, TokenList } from "./tensor.ts";

const absent = <T>(value: T | null | undefined): T | undefined => value ?? undefined;

/** How to sample, in JSON: `stop` is a string, several strings, or token ids. Read as a list of one kind. */
const WireSamplingParams = z.object({
  max_tokens: z.int().min(1).nullish().transform(absent),
  temperature: z.number().min(0).nullish().transform(absent),
  top_p: z.number().nullish().transform(absent),
  top_k: z.int().nullish().transform(absent),
  seed: z.int().nullish().transform(absent),
  stop: z
    .union([z.string().transform((text) => [text]), z.array(z.string()).min(1), z.array(z.int())])
    .nullish()
    .transform(absent),
});

/** Header by which a client has requests computed side by side: `ID;SIZE`, with an id of its own for each batch. */
export const BATCH_HEADER = "x-armature-batch";

/** Header with the first prompt token whose logprob a client wants: the server need not compute those before it. */
export const LOGPROBS_FROM_HEADER = "x-armature-logprobs-from";

/** Body of `asample`: the weights are named by a sampling session, or by a base model or path. */
export const AsampleRequest = z.object({
  sampling_session_id: z.string().nullish().transform(absent),
  base_model: z.string().nullish().transform(absent),
  model_path: z.string().nullish().transform(absent),
  seq_id: z.int().nullish().transform(absent),
  num_samples: z.int().min(1).default(1),
  prompt: WireModelInput,
  sampling_params: WireSamplingParams,
  prompt_logprobs: z.boolean().nullish().transform(absent),
  topk_prompt_logprobs: z.int().min(0).nullish().transform(absent),
});

/** Body of `asample`. */
export type AsampleRequest = z.infer<typeof AsampleRequest>;

/** One completion; logprobs are absent where the server sent none. */
const Sequence = z.object({
  tokens: TokenList,
  logprobs: NumberList.nullish().transform((list) => (list ? Float32Array.from(list) : undefined)),
  stop_reason: z.enum(["stop", "length"]),
});

/** Result of `asample`. `prompt_logprobs` has NaN where a token has none (the first one never has). */
export const SampleResponse = z.object({
  sequences: z.array(Sequence),
  prompt_logprobs: NumberList.nullish().transform((list) => (list ? Float32Array.from(list) : undefined)),
  prompt_cache_hit_tokens: z.int().nullish().transform(absent),
});

/** Result of `asample`. */
export type SampleResponse = z.infer<typeof SampleResponse>;

/** The JSON form of a result: null for a logprob that is missing. */
export const sampleResponseJson = (response: SampleResponse): object => ({
  type: "sample",
  sequences: response.sequences.map(({ tokens, logprobs, stop_reason }) => ({
    tokens: Array.from(tokens),
    logprobs: logprobs ? Array.from(logprobs) : null,
    stop_reason,
  })),
  // JSON.stringify writes NaN as null, which is what the protocol has for "none".
  prompt_logprobs: response.prompt_logprobs ? Array.from(response.prompt_logprobs) : null,
  topk_prompt_logprobs: null,
  prompt_cache_hit_tokens: response.prompt_cache_hit_tokens ?? 0,
});

const STOP_REASONS = ["stop", "length"] as const;

/** A result as a protobuf `SampleResponse`. */
export function encodeSampleResponse(response: SampleResponse): Uint8Array {
  const writer = new ProtoWriter();
  for (const { tokens, logprobs, stop_reason } of response.sequences)
    writer.message(1, (sequence) => {
      sequence.integer(1, STOP_REASONS.indexOf(stop_reason)).bytes(2, packInt32(tokens));
      if (logprobs) sequence.bytes(3, packFloats(logprobs));
    });
  if (response.prompt_logprobs) writer.bytes(2, packFloats(response.prompt_logprobs));
  return writer.integer(4, response.prompt_cache_hit_tokens ?? 0).finish();
}

/** Reads a protobuf `SampleResponse`. Throws `TinkerError` where the bytes are none. */
export function decodeSampleResponse(bytes: Uint8Array): SampleResponse {
  const sequences: SampleResponse["sequences"] = [];
  let promptLogprobs: Float32Array<ArrayBuffer> | undefined;
  let cached = 0;
  new ProtoReader(bytes, "SampleResponse").fields({
    1: (r) => void sequences.push(readSequence(r)),
    2: (r) => {
      promptLogprobs = unpackFloats(r.bytes(), "prompt_logprobs");
    },
    4: (r) => {
      cached = r.integer();
    },
  });
  return { sequences, prompt_logprobs: promptLogprobs, prompt_cache_hit_tokens: cached };
}

function readSequence(reader: ProtoReader): SampleResponse["sequences"][number] {
  let reason = 0;
  let tokens = new Int32Array();
  let logprobs: Float32Array<ArrayBuffer> | undefined;
  reader.message("SampledSequence", {
    1: (r) => {
      reason = r.integer();
    },
    2: (r) => {
      tokens = unpackInt32(r.bytes(), "tokens");
    },
    3: (r) => {
      const values = unpackFloats(r.bytes(), "logprobs");
      // Empty bytes mean "none": a writer cannot leave the field out of a sequence.
      if (values.length > 0) logprobs = values;
    },
  });
  const stopReason = STOP_REASONS[reason];
  if (!stopReason) throw new TinkerError("protocol", `SampledSequence: stop reason ${reason} is unknown`);
  return { tokens, logprobs, stop_reason: stopReason };
}
