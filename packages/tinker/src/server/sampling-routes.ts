import { randomUUID } from "node:crypto";
import { TinkerError } from "../errors.ts";
import { inputTokens } from "../model-input.ts";
import type { SampleOptions, SampleResult } from "../sampling.ts";
import {
  AsampleRequest,
  BATCH_HEADER,
  CreateSamplingSessionRequest,
  encodeSampleResponse,
  LOGPROBS_FROM_HEADER,
  readValue,
  sampleResponseJson,
} from "../wire/index.ts";
import { digestOf } from "./checkpoint-store.ts";
import { answer, type Exchange, type Reply } from "./exchange.ts";
import type { FutureResult } from "./future-table.ts";
import { samplingSessionId } from "./model-routes.ts";
import { type Route, route } from "./router.ts";
import type { SampleBatch, SampleBatcher } from "./sample-batcher.ts";
import type { SampledWeights } from "./sampler-table.ts";
import type { Service } from "./service.ts";

/** What newer clients may ask for and this server would silently leave out: value and what it is when not asked for. */
const NOT_OFFERED: readonly (readonly [field: string, absent: readonly unknown[]])[] = [
  ["topk_prompt_logprobs", [0]],
  ["topk_sample_logprobs", [0]],
  ["prompt_alt_tokens_k", [0]],
  ["target_prompt_logprobs", []],
  ["prompt_logprobs_last_n", []],
  ["record_stability_info", [false]],
];

/** Sampling of base models, saved weights and moments in training. */
export function samplingRoutes(service: Service): readonly Route[] {
  return [
    route("POST /api/v1/create_sampling_session", async (exchange) => {
      const json = await exchange.json();
      const request = readValue(CreateSamplingSessionRequest, json, "create_sampling_session", "user");
      const { base_model, model_path, session_id, sampling_session_seq_id } = request;
      service.sessions.touch(session_id);
      const id = samplingSessionId(session_id, sampling_session_seq_id);
      service.samplers.createSession(id, session_id, service.samplers.resolve(base_model, model_path));
      return answer({ type: "create_sampling_session", sampling_session_id: id });
    }),
    route("GET /api/v1/samplers/:id", ({ parameters }) => {
      const id = parameters["id"]!;
      const { baseModel, modelPath } = service.samplers.session(id).weights;
      return answer({ sampler_id: id, base_model: baseModel, model_path: modelPath ?? null });
    }),
    // An extension: clients otherwise have no way to say that they are done with a sampler.
    route("DELETE /api/v1/samplers/:id", ({ parameters }) => {
      service.samplers.releaseSession(parameters["id"]!);
      return { status: 204 };
    }),
    route("POST /api/v1/asample", (exchange) => asample(service, exchange)),
  ];
}

async function asample(service: Service, exchange: Exchange): Promise<Reply> {
  const json = await exchange.json();
  const request = readValue(AsampleRequest, json, "asample", "user");
  const { sampling_session_id: session, seq_id: seqId, num_samples: count } = request;
  const [weights, open] = opener(service, request);
  const id = session !== undefined && seqId !== undefined ? `${session}:${seqId}` : `sample-${randomUUID()}`;
  const together = { batch: batchOf(exchange), logprobsFrom: logprobsFromOf(exchange) };
  const requestId = service.futures.submit(id, digestOf(JSON.stringify(json)), async () => {
    refuseNotOffered(json);
    const options = sampleOptions(request, service.base(weights.baseModel).maxContextLength);
    const batcher = await open();
    return output(await batcher.sample({ prompt: inputTokens(request.prompt), options }, together));
  });
  const sequences = Array.from({ length: count }, (_, i) => `${requestId}:${i}`);
  return answer({ request_id: requestId, sample_sequence_ids: sequences });
}

function opener(
  service: Service,
  { base_model, model_path, sampling_session_id: session }: AsampleRequest,
): [weights: SampledWeights, open: () => Promise<SampleBatcher>] {
  const { samplers } = service;
  if (session === undefined) {
    const weights = samplers.resolve(base_model, model_path);
    return [weights, () => samplers.ofWeights(weights)];
  }
  const { sessionId, weights } = samplers.session(session);
  service.sessions.touch(sessionId);
  return [weights, () => samplers.ofSession(session)];
}

function refuseNotOffered(json: unknown): void {
  for (const [field, absent] of NOT_OFFERED) {
    const value = (json as Record<string, unknown>)[field];
    if (value === undefined || value === null || absent.includes(value)) continue;
    throw new TinkerError("user", `asample: ${field} is not offered by this server; leave it out`);
  }
}

function sampleOptions(request: AsampleRequest, contextLength: number): SampleOptions {
  const { max_tokens, seed, stop, temperature, top_k, top_p } = request.sampling_params;
  const { num_samples: numSamples, prompt, prompt_logprobs: promptLogprobs } = request;
  return {
    maxTokens: max_tokens ?? Math.max(1, contextLength - inputTokens(prompt).length),
    numSamples,
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { topP: top_p }),
    // 0 is how some clients spell "all".
    ...(top_k !== undefined && top_k !== 0 && { topK: top_k }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && { stop }),
    ...(promptLogprobs && { promptLogprobs }),
  };
}

function batchOf({ headers }: Exchange): SampleBatch | undefined {
  const header = headers[BATCH_HEADER];
  const [, id, size] = /^([\w-]{1,64});(\d{1,6})$/.exec(typeof header === "string" ? header : "") ?? [];
  return id === undefined ? undefined : { id, size: Number(size) };
}

function logprobsFromOf({ headers }: Exchange): number | undefined {
  const header = headers[LOGPROBS_FROM_HEADER];
  return typeof header === "string" && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

function output({ promptLogprobs, sequences }: SampleResult): FutureResult {
  const response = {
    sequences: sequences.map(({ logprobs, stopReason, tokens }) => ({
      tokens: Int32Array.from(tokens),
      logprobs: Float32Array.from(logprobs),
      stop_reason: stopReason,
    })),
    prompt_logprobs: promptLogprobs && Float32Array.from(promptLogprobs, (logprob) => logprob ?? Number.NaN),
    prompt_cache_hit_tokens: 0,
  };
  return { json: () => sampleResponseJson(response), protobuf: () => encodeSampleResponse(response) };
}
