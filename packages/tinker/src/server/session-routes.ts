import { CreateSessionRequest, HeartbeatRequest, hasZstd, readValue } from "../wire/index.ts";
import { answer, type Exchange } from "./exchange.ts";
import { type Route, route } from "./router.ts";
import type { Service } from "./service.ts";

/** What this software calls itself to clients. */
const SERVER = "armature";

/** Sessions, settings for clients and what the server offers. Telemetry is taken and dropped. */
export function sessionRoutes(service: Service): readonly Route[] {
  return [
    route("GET /api/v1/healthz", () => answer({ status: "ok" }), { open: true }),
    route("POST /api/v1/client/config", () =>
      answer({
        pjwt_auth_enabled: false,
        parallel_fwdbwd_chunks: true,
        proto_compress_fwdbwd: hasZstd,
        fwdbwd_max_chunk_len: 1024,
        fwdbwd_max_chunk_bytes_count: 5_000_000,
        sample_max_concurrent_requests: 1000,
      }),
    ),
    route("POST /api/v1/client/dynamic_config", () => answer({ refresh_interval_sec: 300 })),
    route("POST /api/v1/telemetry", async (exchange) => {
      await exchange.bytes();
      return answer({ status: "accepted" });
    }),
    route("GET /api/v1/get_server_capabilities", () =>
      answer({
        server: SERVER,
        supported_models: service.backend.models.map((model) => ({
          model_name: model.name,
          max_context_length: model.maxContextLength,
          trainable: true,
          sampleable: true,
          vocabulary_size: model.vocabularySize,
          losses: model.losses,
          reference_kl: model.referenceKl,
        })),
      }),
    ),
    route("POST /api/v1/create_session", async (exchange) => {
      readValue(CreateSessionRequest, await exchange.json(), "create_session", "user");
      return answer({ type: "create_session", session_id: service.sessions.create().id });
    }),
    route("POST /api/v1/session_heartbeat", async (exchange) => {
      const { session_id } = readValue(HeartbeatRequest, await exchange.json(), "session_heartbeat", "user");
      service.sessions.touch(session_id);
      return answer({ type: "session_heartbeat" });
    }),
    route("GET /api/v1/sessions", (exchange) => {
      const { page } = paged(service.sessions.ids, exchange, 100);
      return answer({ sessions: page });
    }),
    route("GET /api/v1/sessions/:id", ({ parameters }) => {
      const { id } = service.sessions.touch(parameters["id"]!);
      const runs = service.models.filter(({ sessionId }) => sessionId === id).map((model) => model.id);
      return answer({ training_run_ids: runs, sampler_ids: service.samplers.idsOf(id) });
    }),
  ];
}

/** The part of a list that a request's `limit` and `offset` name, and the cursor that goes with it. */
export function paged<T>(
  all: readonly T[],
  { query }: Pick<Exchange, "query">,
  defaultLimit: number,
): { readonly page: readonly T[]; readonly cursor: { offset: number; limit: number; total_count: number } } {
  const whole = (name: string, fallback: number) => {
    const value = Number(query.get(name) ?? fallback);
    return Number.isSafeInteger(value) && value >= 0 ? value : fallback;
  };
  const [offset, limit] = [whole("offset", 0), whole("limit", defaultLimit)];
  return { page: all.slice(offset, offset + limit), cursor: { offset, limit, total_count: all.length } };
}
