import { z } from "zod";
import type { Datum } from "../datum.ts";
import { TinkerError } from "../errors.ts";
import type { LossInputs } from "../loss.ts";
import type { ModelInput } from "../model-input.ts";
import { packInt32, unpackInt32 } from "./packed-numbers.ts";
import { ProtoReader } from "./proto-reader.ts";
import { ProtoWriter } from "./proto-writer.ts";
import { readTensor, Tensor, TokenList, tensorJson, writeTensor } from "./tensor.ts";

/** A model input in JSON. Only text chunks are read: images and audio are refused by name. */
export const WireModelInput = z
  .object({
    chunks: z.array(
      z.discriminatedUnion("type", [z.object({ type: z.literal("encoded_text"), tokens: TokenList })], {
        error: (issue) => `only chunks of type encoded_text are supported, not ${chunkType(issue.input)}`,
      }),
    ),
  })
  .transform((input): ModelInput => input);

/** A training example in JSON. */
const WireDatum = z
  .object({ model_input: WireModelInput, loss_fn_inputs: z.record(z.string(), Tensor) })
  .transform(
    (datum): Datum => ({ modelInput: datum.model_input, lossInputs: lossInputs(datum.loss_fn_inputs) }),
  );

const ForwardBackwardInput = z.object({
  data: z.array(WireDatum),
  loss_fn: z.string(),
  loss_fn_config: z
    .record(z.string(), z.union([z.number(), z.string()]))
    .nullish()
    .transform((config) => config ?? undefined),
});

/** One chunk of a forward or forward-backward call, whatever its encoding. */
export interface ForwardBackwardRequest {
  readonly model_id: string;
  /** Place in the model's order, from 1. */
  readonly seq_id: number;
  readonly data: readonly Datum[];
  readonly loss_fn: string;
  readonly loss_fn_config?: Readonly<Record<string, number | string>> | undefined;
  /** Logprobs only: gradients stay as they are. */
  readonly forward_only: boolean;
}

/**
 * A `forward_backward` or `forward` body in JSON: the input stands under `forward_backward_input` or `forward_input`, and
 * `forward_only` makes the first a forward too.
 */
export const ForwardBackwardBody = z
  .object({
    model_id: z.string(),
    seq_id: z.int().nullish(),
    forward_backward_input: ForwardBackwardInput.nullish(),
    forward_input: ForwardBackwardInput.nullish(),
    forward_only: z.boolean().nullish(),
  })
  .transform((body, context): ForwardBackwardRequest => {
    const input = body.forward_backward_input ?? body.forward_input;
    if (!input) {
      context.addIssue("needs forward_backward_input or forward_input");
      return z.NEVER;
    }
    const forwardOnly = body.forward_only ?? !body.forward_backward_input;
    return { model_id: body.model_id, seq_id: body.seq_id ?? 0, ...input, forward_only: forwardOnly };
  });

/** The JSON form of a request: `path` is the endpoint that takes it. */
export function forwardBackwardJson(request: ForwardBackwardRequest): {
  readonly path: "forward" | "forward_backward";
  readonly body: object;
} {
  const input = {
    data: request.data.map(datumJson),
    loss_fn: request.loss_fn,
    ...(request.loss_fn_config && { loss_fn_config: request.loss_fn_config }),
  };
  const path = request.forward_only ? "forward" : "forward_backward";
  const body = { model_id: request.model_id, seq_id: request.seq_id, [`${path}_input`]: input };
  return { path, body };
}

/** The JSON form of a model input. */
export const modelInputJson = (input: ModelInput): object => ({
  chunks: input.chunks.map(({ tokens }) => ({ type: "encoded_text", tokens: Array.from(tokens) })),
});

const datumJson = (datum: Datum): object => ({
  model_input: modelInputJson(datum.modelInput),
  loss_fn_inputs: Object.fromEntries(
    inputEntries(datum).map(([name, tensor]) => [name, tensorJson(tensor)] as const),
  ),
});

/** A request as a protobuf `ForwardBackwardRequest`. */
export function encodeForwardBackwardRequest(request: ForwardBackwardRequest): Uint8Array {
  const writer = new ProtoWriter();
  writer.text(1, request.model_id).integer(2, request.seq_id);
  for (const datum of request.data) writer.message(3, (inner) => writeDatum(inner, datum));
  writer.text(4, request.loss_fn);
  for (const [key, value] of Object.entries(request.loss_fn_config ?? {})) {
    // Old servers read numbers from field 5 only, new ones prefer field 7, which also holds texts.
    if (typeof value === "number")
      writer.message(5, (entry) => {
        entry.text(1, key).double(2, value);
      });
  }
  writer.boolean(6, request.forward_only);
  for (const [key, value] of Object.entries(request.loss_fn_config ?? {})) {
    writer.message(7, (entry) => {
      entry.text(1, key).message(2, (setting) => {
        if (typeof value === "number") setting.double(1, value);
        // A choice is written also where it is empty: leaving it out would choose nothing.
        else setting.bytes(2, new TextEncoder().encode(value));
      });
    });
  }
  return writer.finish();
}

/** Reads a protobuf `ForwardBackwardRequest`. Throws `TinkerError` where the bytes are none. */
export function decodeForwardBackwardRequest(bytes: Uint8Array): ForwardBackwardRequest {
  const request = { model_id: "", seq_id: 0, loss_fn: "", forward_only: false };
  const data: Datum[] = [];
  const config = new Map<string, number | string>();
  new ProtoReader(bytes, "ForwardBackwardRequest").fields({
    1: (r) => void Object.assign(request, { model_id: r.text() }),
    2: (r) => void Object.assign(request, { seq_id: r.integer() }),
    3: (r) => void data.push(readDatum(r, data.length)),
    4: (r) => void Object.assign(request, { loss_fn: r.text() }),
    5: (r) => {
      const entry = { key: "", value: 0 };
      r.message("loss_fn_config", {
        1: (inner) => void Object.assign(entry, { key: inner.text() }),
        2: (inner) => void Object.assign(entry, { value: inner.double() }),
      });
      if (!config.has(entry.key)) config.set(entry.key, entry.value);
    },
    6: (r) => void Object.assign(request, { forward_only: r.boolean() }),
    7: (r) => {
      const entry: { key: string; value: number | string } = { key: "", value: 0 };
      r.message("loss_fn_config_v2", {
        1: (inner) => void Object.assign(entry, { key: inner.text() }),
        2: (inner) =>
          inner.message("loss_fn_config_v2", {
            1: (value) => void Object.assign(entry, { value: value.double() }),
            2: (value) => void Object.assign(entry, { value: value.text() }),
          }),
      });
      config.set(entry.key, entry.value);
    },
  });
  return { ...request, data, ...(config.size > 0 && { loss_fn_config: Object.fromEntries(config) }) };
}

function writeDatum(writer: ProtoWriter, datum: Datum): void {
  for (const { tokens } of datum.modelInput.chunks)
    writer.message(1, (chunk) => {
      chunk.message(1, (text) => {
        text.bytes(1, packInt32(tokens));
      });
    });
  for (const [name, tensor] of inputEntries(datum))
    writer.message(2, (entry) => {
      entry.text(1, name).message(2, (inner) => writeTensor(inner, tensor));
    });
}

function readDatum(reader: ProtoReader, index: number): Datum {
  const chunks: ModelInput["chunks"][number][] = [];
  const inputs: Record<string, ReturnType<typeof readTensor>> = {};
  const refuse = (type: string) => () => {
    throw new TinkerError(
      "user",
      `datum ${index}: only chunks of type encoded_text are supported, not ${type}`,
    );
  };
  reader.message(`datum ${index}`, {
    1: (r) =>
      r.message("Chunk", {
        1: (chunk) => {
          let tokens = new Int32Array();
          chunk.message("EncodedTextChunk", {
            1: (text) => {
              tokens = unpackInt32(text.bytes(), `datum ${index}: tokens`);
            },
          });
          chunks.push({ type: "encoded_text", tokens });
        },
        2: refuse("image"),
        3: refuse("dmel"),
      }),
    2: (r) => {
      let name = "";
      let tensor: ReturnType<typeof readTensor> | undefined;
      r.message("loss_fn_inputs", {
        1: (entry) => {
          name = entry.text();
        },
        2: (entry) => {
          tensor = readTensor(entry, `datum ${index}: loss input`);
        },
      });
      if (tensor) inputs[name] = tensor;
    },
  });
  return { modelInput: { chunks }, lossInputs: lossInputs(inputs) };
}

const inputEntries = (datum: Datum) =>
  Object.entries(datum.lossInputs).filter((entry) => entry[1] !== undefined);

/** Loss inputs as they came; `checkDatum` says which one a loss lacks. */
const lossInputs = (inputs: Readonly<Record<string, unknown>>): LossInputs => inputs as unknown as LossInputs;

const chunkType = (input: unknown): string =>
  typeof input === "object" && input !== null && "type" in input
    ? String(input.type)
    : "a chunk without type";
