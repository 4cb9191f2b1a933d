import { TinkerError } from "../errors.ts";
import {
  type CheckpointPath,
  CreateModelRequest,
  LoadWeightsRequest,
  ModelRequest,
  readCheckpointPath,
  readValue,
  SaveWeightsForSamplerRequest,
  SaveWeightsRequest,
  writeCheckpointPath,
} from "../wire/index.ts";
import { digestOf, type Metadata, type RunRecord } from "./checkpoint-store.ts";
import { answer, type Exchange, type Reply } from "./exchange.ts";
import type { FutureResult } from "./future-table.ts";
import { type Route, route } from "./router.ts";
import { loadState } from "./sampler-table.ts";
import type { Service } from "./service.ts";
import type { AdapterChoice } from "./training-backend.ts";
import { submitted } from "./training-routes.ts";

/** The hosted service's factor of every adapter, whatever its rank. */
const ALPHA = 32;

/** Models come, are saved, loaded and go. */
export function modelRoutes(service: Service): readonly Route[] {
  return [
    route("POST /api/v1/create_model", (exchange) => createModel(service, exchange)),
    route("POST /api/v1/unload_model", (exchange) => unloadModel(service, exchange)),
    route("POST /api/v1/save_weights", (exchange) => saveWeights(service, exchange)),
    route("POST /api/v1/save_weights_for_sampler", (exchange) => saveForSampler(service, exchange)),
    route("POST /api/v1/load_weights", (exchange) => loadWeights(service, exchange)),
  ];
}

async function createModel(service: Service, exchange: Exchange): Promise<Reply> {
  const json = await exchange.json();
  const request = readValue(CreateModelRequest, json, "create_model", "user");
  service.sessions.touch(request.session_id);
  const runId = service.modelId(request.session_id, request.model_seq_id);
  const requestId = service.futures.submit(`${runId}:create`, digestOf(JSON.stringify(json)), async () => {
    const optimizer = request.optimizer_config?.type ?? "adamw";
    if (optimizer !== "adamw")
      throw new TinkerError("user", `optimizer ${optimizer} is not offered here, only adamw`);
    const run = {
      runId,
      baseModel: request.base_model,
      adapter: adapterChoice(request.lora_config),
      ...(request.user_metadata && { userMetadata: request.user_metadata }),
    };
    const model = service.createModel(run, request.session_id);
    await model.created();
    return { json: () => ({ type: "create_model", model_id: runId }) };
  });
  return answer({ request_id: requestId, model_id: runId });
}

/** Rank 0, or no settings at all, trains all weights. */
function adapterChoice(lora: CreateModelRequest["lora_config"]): AdapterChoice | null {
  if (!lora || lora.rank === 0) return null;
  if (!(lora.train_attn || lora.train_mlp || lora.train_unembed))
    throw new TinkerError("user", "lora_config trains nothing; set train_attn, train_mlp or train_unembed");
  return {
    rank: lora.rank,
    alpha: lora.alpha ?? ALPHA,
    attention: lora.train_attn,
    mlp: lora.train_mlp,
    head: lora.train_unembed,
    seed: lora.seed ?? 0,
  };
}

async function unloadModel(service: Service, exchange: Exchange): Promise<Reply> {
  const { model_id } = readValue(ModelRequest, await exchange.json(), "unload_model", "user");
  service.model(model_id);
  const requestId = service.futures.submit(`${model_id}:unload`, "", async () => {
    await service.unload(model_id, `model ${model_id} was unloaded`);
    return { json: () => ({ type: "unload_model", model_id }) };
  });
  return answer({ request_id: requestId, model_id });
}

function saveWeights(service: Service, exchange: Exchange): Promise<Reply> {
  return submitted(service, exchange, "save_weights", (json) => {
    const request = readValue(SaveWeightsRequest, json, "save_weights", "user");
    const { run } = service.model(request.model_id);
    const name = request.path ?? `seq-${request.seq_id ?? 0}`;
    const place: CheckpointPath = { run: run.runId, kind: "training", name };
    return (model) =>
      save(service, run, place, request, "save_weights", (state) => model.saveState(state).result);
  });
}

function saveForSampler(service: Service, exchange: Exchange): Promise<Reply> {
  return submitted(service, exchange, "save_weights_for_sampler", (json) => {
    const request = readValue(SaveWeightsForSamplerRequest, json, "save_weights_for_sampler", "user");
    const live = service.model(request.model_id);
    const { path: name, sampling_session_seq_id: number } = request;
    const { kind = "snapshot" } = json as { kind?: unknown };
    if (kind !== "snapshot")
      throw new TinkerError("user", `samplers of kind "${kind}" are not offered here, only snapshot`);
    const type = "save_weights_for_sampler";
    if (name !== undefined) {
      const place: CheckpointPath = { run: live.id, kind: "sampler", name };
      return (model) =>
        save(service, live.run, place, request, type, (state) => model.saveWeights(state).result);
    }
    if (number === undefined)
      throw new TinkerError(
        "user",
        `${type}: give path, or sampling_session_seq_id for weights that are not saved`,
      );
    return async (model) => {
      const sampler = await model.samplerNow().result;
      const id = samplingSessionId(live.sessionId, number);
      service.samplers.createMoment(id, live.sessionId, live.run.baseModel, sampler);
      return { json: () => ({ type, sampling_session_id: id }) };
    };
  });
}

/** The id that a sampling session gets. */
export const samplingSessionId = (sessionId: string, number: number): string =>
  `${sessionId}:sample:${number}`;

async function save(
  service: Service,
  run: RunRecord,
  place: CheckpointPath,
  options: {
    readonly overwrite?: boolean;
    readonly ttl_seconds?: number | undefined;
    readonly user_metadata?: Metadata | undefined;
  },
  type: string,
  write: (state: string) => Promise<unknown>,
): Promise<FutureResult> {
  const { store } = service;
  const state = store.begin(place, options.overwrite ?? false);
  try {
    await write(state);
    store.saveRun(run);
    store.commit(place, options.ttl_seconds ?? null, options.user_metadata);
  } finally {
    store.end(place);
  }
  const path = writeCheckpointPath(place);
  service.samplers.releasePath(path);
  return { json: () => ({ type, path }) };
}

async function loadWeights(service: Service, exchange: Exchange): Promise<Reply> {
  const json = await exchange.json();
  const request = readValue(LoadWeightsRequest, json, "load_weights", "user");
  if (request.session_id !== undefined) return createByLoading(service, json, request, request.session_id);
  return submitted(service, exchange, "load_weights", () => {
    const { path, optimizer } = request;
    const state = service.store.statePath(readCheckpointPath(path));
    return async (model) => {
      await loadState(model, state, optimizer);
      return { json: () => ({ type: "load_weights", path, model_id: request.model_id }) };
    };
  });
}

/** One request for a new model with the weights of a checkpoint. */
function createByLoading(
  service: Service,
  json: unknown,
  request: LoadWeightsRequest,
  sessionId: string,
): Reply {
  service.sessions.touch(sessionId);
  const { path, optimizer, model_seq_id: number = 0, user_metadata: userMetadata } = request;
  const runId = service.modelId(sessionId, number);
  const digest = digestOf(JSON.stringify(json));
  try {
    const place = readCheckpointPath(path);
    const state = service.store.statePath(place);
    const { adapter, baseModel } = service.store.run(place.run);
    if (request.base_model !== undefined && request.base_model !== baseModel)
      throw new TinkerError("user", `${path} was trained on ${baseModel}, not on ${request.base_model}`);
    const run = { runId, baseModel, adapter, ...(userMetadata && { userMetadata }) };
    const live = service.isLive(runId) ? service.model(runId) : service.createModel(run, sessionId);
    const requestId = live.submit(0, digest, async (model) => {
      await loadState(model, state, optimizer).catch(async (error: unknown) => {
        await service.unload(runId, `its weights could not be loaded from ${path}`);
        throw error;
      });
      return { json: () => ({ type: "load_weights", path, model_id: runId }) };
    });
    return answer({ request_id: requestId, model_id: runId });
  } catch (error) {
    const requestId = service.futures.submit(`${runId}:0`, digest, () => Promise.reject(error));
    return answer({ request_id: requestId });
  }
}
