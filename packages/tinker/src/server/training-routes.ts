import type { Datum } from "../datum.ts";
import { TinkerError } from "../errors.ts";
import { inputTokens } from "../model-input.ts";
import type { ForwardBackwardResult, TrainingModel } from "../training-model.ts";
import {
  decodeForwardBackwardRequest,
  encodeForwardBackwardOutput,
  ForwardBackwardBody,
  type ForwardBackwardRequest,
  forwardBackwardOutputJson,
  isProtobuf,
  ModelRequest,
  OptimStepRequest,
  readLoss,
  readValue,
} from "../wire/index.ts";
import { ProtoReader } from "../wire/proto-reader.ts";
import { digestOf } from "./checkpoint-store.ts";
import { answer, type Exchange, type Reply } from "./exchange.ts";
import type { FutureResult } from "./future-table.ts";
import { type Route, route } from "./router.ts";
import type { Service } from "./service.ts";

/** Gradients and optimizer steps. */
export function trainingRoutes(service: Service): readonly Route[] {
  return [
    route("POST /api/v1/forward_backward", (exchange) => forwardBackward(service, exchange)),
    route("POST /api/v1/forward", (exchange) => forwardBackward(service, exchange)),
    route("POST /api/v1/optim_step", (exchange) =>
      submitted(service, exchange, "optim_step", (json) => {
        const { adam_params } = readValue(OptimStepRequest, json, "optim_step", "user");
        return async (model) => {
          const { metrics } = await model.optimStep(adam_params).result;
          return { json: () => ({ metrics }) };
        };
      }),
    ),
    route("POST /api/v1/get_info", async (exchange) => {
      const { model_id } = readValue(ModelRequest, await exchange.json(), "get_info", "user");
      const { run } = service.model(model_id);
      const base = service.base(run.baseModel);
      return answer({
        type: "get_info",
        model_id,
        model_name: base.name,
        is_lora: run.adapter !== null,
        lora_rank: run.adapter?.rank ?? 0,
        model_data: { arch: base.architecture, model_name: base.name, tokenizer_id: base.tokenizerId },
      });
    }),
  ];
}

type Work = (model: TrainingModel) => Promise<FutureResult>;

/**
 * Accepts a request of a model. `read` turns its body into what is to be done; where it cannot, the request still takes its
 * place in the order and its result is the error, for a number that never arrives would stop all later ones.
 */
export async function submitted(
  service: Service,
  exchange: Exchange,
  what: string,
  read: (json: unknown) => Work,
): Promise<Reply> {
  const json = await exchange.json();
  const { modelId, seqId } = addressOf(json, what);
  let work: Work;
  try {
    work = read(json);
  } catch (error) {
    work = () => Promise.reject(error);
  }
  return submit(service, modelId, seqId, digestOf(`${what} ${JSON.stringify(json)}`), work);
}

function submit(
  service: Service,
  modelId: string,
  seqId: number | undefined,
  digest: string,
  work: Work,
): Reply {
  const model = service.model(modelId);
  return answer({ request_id: model.submit(seqId, digest, work), model_id: modelId });
}

function addressOf(json: unknown, what: string): { modelId: string; seqId: number | undefined } {
  const { model_id: modelId, seq_id: seqId } = (json ?? {}) as { model_id?: unknown; seq_id?: unknown };
  if (typeof modelId !== "string") throw new TinkerError("user", `${what}: model_id must be a text`);
  if (seqId === undefined || seqId === null) return { modelId, seqId: undefined };
  if (!Number.isSafeInteger(seqId) || (seqId as number) < 0)
    throw new TinkerError("user", `${what}: seq_id must be a whole number`);
  return { modelId, seqId: seqId as number };
}

async function forwardBackward(service: Service, exchange: Exchange): Promise<Reply> {
  const what = "forward_backward";
  if (!isProtobuf(exchange.headers["content-type"]))
    return submitted(service, exchange, what, (json) =>
      forwardBackwardWork(readValue(ForwardBackwardBody, json, what, "user")),
    );
  const bytes = await exchange.bytes();
  const { modelId, seqId } = protobufAddress(bytes);
  let work: Work;
  try {
    work = forwardBackwardWork(decodeForwardBackwardRequest(bytes));
  } catch (error) {
    work = () =>
      Promise.reject(new TinkerError("user", `${what}: ${(error as Error).message}`, { cause: error }));
  }
  return submit(service, modelId, seqId, digestOf(bytes), work);
}

/** Model and number alone, which can be read also where the data cannot. */
function protobufAddress(bytes: Uint8Array): { modelId: string; seqId: number | undefined } {
  let [modelId, seqId] = ["", 0];
  try {
    new ProtoReader(bytes, "ForwardBackwardRequest").fields({
      1: (reader) => {
        modelId = reader.text();
      },
      2: (reader) => {
        seqId = reader.integer();
      },
    });
  } catch (error) {
    throw new TinkerError("user", (error as Error).message, { cause: error });
  }
  // Protobuf cannot tell a number 0 from none.
  return { modelId, seqId: seqId === 0 ? undefined : seqId };
}

function forwardBackwardWork({ data, forward_only, loss_fn, loss_fn_config }: ForwardBackwardRequest): Work {
  const loss = readLoss(loss_fn, loss_fn_config);
  return async (model) => {
    if (!forward_only) return output(await model.forwardBackward(data, loss).result);
    const result = await model.forward(data).result;
    const metrics = loss.name === "cross_entropy" ? crossEntropy(data, result) : result.metrics;
    return output({ ...result, metrics });
  };
}

/** The loss of a forward pass, which takes no loss: Σ −w·p. */
function crossEntropy(data: readonly Datum[], { logprobs, metrics }: ForwardBackwardResult) {
  let sum = 0;
  for (const [i, { lossInputs, modelInput }] of data.entries()) {
    const weights = lossInputs.weights?.data;
    if (!weights) return metrics;
    const positions = inputTokens(modelInput).length;
    for (let t = 0; t < positions; t++) if (weights[t] !== 0) sum -= weights[t]! * logprobs[i]![t]!;
  }
  return { ...metrics, "loss:sum": sum };
}

function output({ logprobs, metrics }: ForwardBackwardResult): FutureResult {
  const message = {
    loss_fn_output_type: "ArrayRecord",
    loss_fn_outputs: logprobs.map((row) => ({
      logprobs: { data: row, dtype: "float32" as const, shape: [row.length] },
    })),
    metrics: { ...metrics },
  };
  return {
    json: () => forwardBackwardOutputJson(message),
    protobuf: () => encodeForwardBackwardOutput(message),
  };
}
