import { randomBytes } from "node:crypto";
import { TinkerError } from "../errors.ts";
import {
  type CheckpointPath,
  checkpointId,
  readCheckpointPath,
  readValue,
  TtlRequest,
  WeightsInfoRequest,
  writeCheckpointPath,
} from "../wire/index.ts";
import type { CheckpointRecord, RunRecord } from "./checkpoint-store.ts";
import { answer, type Exchange, type Reply } from "./exchange.ts";
import { HttpFault } from "./http-fault.ts";
import { baseUrl } from "./http-listener.ts";
import { type Route, route } from "./router.ts";
import type { Service } from "./service.ts";
import { paged } from "./session-routes.ts";
import { tarArchive } from "./tar-archive.ts";

/** How long a link to an archive holds. */
const LINK_MS = 15 * 60_000;
const CHECKPOINT = "/api/v1/training_runs/:run/checkpoints/:folder/:name";

/** Training runs and their checkpoints: lists, archives, expiry, deletion. */
export function checkpointRoutes(service: Service): readonly Route[] {
  const { store } = service;
  const links = new Map<string, { readonly place: CheckpointPath; readonly until: number }>();
  return [
    route("GET /api/v1/training_runs", (exchange) => {
      const { page, cursor } = paged(allRuns(service), exchange, 20);
      return answer({ training_runs: page.map((run) => runJson(service, run)), cursor });
    }),
    route("GET /api/v1/training_runs/:run", ({ parameters }) => {
      const run = allRuns(service).find(({ runId }) => runId === parameters["run"]);
      if (!run) throw new HttpFault(404, `there is no training run ${parameters["run"]} here`);
      return answer(runJson(service, run));
    }),
    route("GET /api/v1/training_runs/:run/checkpoints", ({ parameters }) =>
      answer({ checkpoints: found(() => store.list(parameters["run"]!)).map(checkpointJson) }),
    ),
    route("GET /api/v1/checkpoints", (exchange) => {
      const all = store.runs().flatMap(({ runId }) => store.list(runId));
      const { page, cursor } = paged(all, exchange, 100);
      return answer({ checkpoints: page.map(checkpointJson), cursor });
    }),
    route(`DELETE ${CHECKPOINT}`, (exchange) => {
      const place = placeOf(exchange);
      found(() => store.delete(place));
      service.samplers.releasePath(writeCheckpointPath(place));
      return { status: 204 };
    }),
    route(`PUT ${CHECKPOINT}/ttl`, async (exchange) => {
      const { ttl_seconds } = readValue(TtlRequest, await exchange.json(), "ttl", "user");
      const place = placeOf(exchange);
      found(() => store.setTtl(place, ttl_seconds));
      return answer(checkpointJson(store.record(place)));
    }),
    route(`GET ${CHECKPOINT}/archive`, (exchange) => {
      const place = placeOf(exchange);
      found(() => store.record(place));
      const now = Date.now();
      for (const [token, { until }] of links) if (until < now) links.delete(token);
      const token = randomBytes(24).toString("base64url");
      links.set(token, { place, until: now + LINK_MS });
      const location = `${baseUrl(exchange)}/api/v1/archives/${token}`;
      return { status: 302, headers: { location, expires: new Date(now + LINK_MS).toUTCString() } };
    }),
    // The link is the permission: clients do not send their key to where an archive lies.
    route(
      "GET /api/v1/archives/:token",
      ({ parameters }): Reply => {
        const link = links.get(parameters["token"]!);
        if (!link || link.until < Date.now())
          throw new HttpFault(404, "this link to an archive is not valid (any more); ask for a new one");
        const entries = found(() => store.entries(link.place));
        return { status: 200, headers: { "content-type": "application/x-tar" }, stream: tarArchive(entries) };
      },
      { open: true },
    ),
    route("POST /api/v1/weights_info", async (exchange) => {
      const json = await exchange.json();
      const { tinker_path } = readValue(WeightsInfoRequest, json, "weights_info", "user");
      const { adapter, baseModel } = found(() => {
        const place = readCheckpointPath(tinker_path);
        store.record(place);
        return store.run(place.run);
      });
      return answer({
        base_model: baseModel,
        is_lora: adapter !== null,
        lora_rank: adapter?.rank ?? null,
        ...(adapter && {
          alpha: adapter.alpha,
          train_attn: adapter.attention,
          train_mlp: adapter.mlp,
          train_unembed: adapter.head,
        }),
      });
    }),
  ];
}

/** What is not in the store is 404 here, where nothing waits in an order. */
function found<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (TinkerError.isInstance(error)) throw new HttpFault(404, error.message);
    throw error;
  }
}

function placeOf({ parameters }: Exchange): CheckpointPath {
  const { run, folder, name } = parameters;
  return found(() => readCheckpointPath(`tinker://${run}/${folder}/${name}`));
}

/** Runs in training and runs with checkpoints, the latter also from before the server was started. */
function allRuns(service: Service): readonly RunRecord[] {
  const live = service.models.map(({ run }) => run);
  const saved = service.store.runs().filter(({ runId }) => !service.isLive(runId));
  return [...live, ...saved];
}

function runJson(service: Service, run: RunRecord): object {
  const checkpoints = service.store.list(run.runId);
  const last = (kind: CheckpointPath["kind"]) => checkpoints.findLast(({ place }) => place.kind === kind);
  const [training, sampler] = [last("training"), last("sampler")];
  const live = service.models.find(({ id }) => id === run.runId);
  const lastRequest = live ? new Date(live.lastRequestAt).toISOString() : checkpoints.at(-1)?.time;
  return {
    training_run_id: run.runId,
    base_model: run.baseModel,
    model_owner: "local",
    is_lora: run.adapter !== null,
    corrupted: false,
    lora_rank: run.adapter?.rank ?? null,
    last_request_time: lastRequest ?? new Date(0).toISOString(),
    last_checkpoint: training ? checkpointJson(training) : null,
    last_sampler_checkpoint: sampler ? checkpointJson(sampler) : null,
    user_metadata: run.userMetadata ?? null,
  };
}

function checkpointJson({ place, time, expiresAt, sizeBytes, userMetadata }: CheckpointRecord): object {
  return {
    checkpoint_id: checkpointId(place.kind, place.name),
    checkpoint_type: place.kind,
    time,
    tinker_path: writeCheckpointPath(place),
    size_bytes: sizeBytes,
    public: false,
    expires_at: expiresAt,
    user_metadata: userMetadata ?? null,
  };
}
