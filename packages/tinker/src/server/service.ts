import { TinkerError } from "../errors.ts";
import { CheckpointStore, type RunRecord } from "./checkpoint-store.ts";
import { type FutureLimits, FutureTable } from "./future-table.ts";
import { HttpFault } from "./http-fault.ts";
import { LiveModel } from "./live-model.ts";
import { SamplerTable } from "./sampler-table.ts";
import { type Session, SessionTable } from "./session-table.ts";
import type { AdapterChoice, ServedModel, TrainingBackend } from "./training-backend.ts";

/** What a server allows and how long it waits. */
export interface ServiceLimits {
  /** Largest rank of an adapter, default 128. */
  readonly loraRank?: number;
  /** Models in training at once, default 16. */
  readonly models?: number;
  /** Samplers of saved weights and of moments in training that are kept in memory, default 16. */
  readonly samplers?: number;
  /** How long a poll is held until "try again", in ms; default 30,000. Clients give up at 45 s. */
  readonly holdMs?: number;
  /** How long requests wait for a missing sequence number, in ms; default 60,000. */
  readonly gapTimeoutMs?: number;
  /** A session is over when nothing was heard of it for so long, in ms; default 600,000. */
  readonly sessionMs?: number;
  readonly futures?: Partial<FutureLimits>;
}

/** What the routes of the training protocol work on. */
export class Service {
  readonly backend: TrainingBackend;
  readonly store: CheckpointStore;
  readonly futures: FutureTable;
  readonly sessions: SessionTable;
  readonly samplers: SamplerTable;
  readonly holdMs: number;
  readonly #limits: ServiceLimits;
  readonly #models = new Map<string, LiveModel>();

  constructor(backend: TrainingBackend, checkpoints: string, limits: ServiceLimits = {}) {
    this.backend = backend;
    this.#limits = limits;
    this.holdMs = limits.holdMs ?? 30_000;
    this.store = new CheckpointStore(checkpoints);
    this.futures = new FutureTable(limits.futures);
    this.samplers = new SamplerTable(backend, this.store, limits.samplers ?? 16);
    this.sessions = new SessionTable(limits.sessionMs ?? 600_000, (session) => void this.#end(session));
  }

  get models(): readonly LiveModel[] {
    return [...this.#models.values()];
  }

  /** Throws `HttpFault` 404 for a model that is not in training here. */
  model(id: string): LiveModel {
    const model = this.#models.get(id);
    if (!model)
      throw new HttpFault(
        404,
        `there is no model ${id} here: it was unloaded, its session ended, or the server was started anew; create a model and load from a checkpoint`,
      );
    this.sessions.touch(model.sessionId);
    return model;
  }

  /** Throws `TinkerError` of kind `user` for a base model that is not offered. */
  base(name: string): ServedModel {
    const base = this.backend.models.find((model) => model.name === name);
    if (base) return base;
    const names = this.backend.models.map((model) => model.name).join(", ");
    throw new TinkerError("user", `base model ${name} is not offered here, only ${names}`);
  }

  /** A new model in training. Throws `TinkerError` of kind `user` where it would break a limit. */
  createModel(run: RunRecord, sessionId: string): LiveModel {
    this.base(run.baseModel);
    this.#checkLimits(run.adapter);
    const model = this.backend
      .createModel(run.baseModel, run.adapter, this.store.runFolder(run.runId))
      .catch((error: unknown) => {
        this.#models.delete(run.runId);
        throw error;
      });
    const live = new LiveModel(run, sessionId, model, this.futures, this.#limits.gapTimeoutMs ?? 60_000);
    this.#models.set(run.runId, live);
    return live;
  }

  /** The id that a model of a session gets: clients compute it too. */
  modelId(sessionId: string, modelSeqId: number): string {
    return `${sessionId}:train:${modelSeqId}`;
  }

  isLive(id: string): boolean {
    return this.#models.has(id);
  }

  async unload(id: string, reason: string): Promise<void> {
    const model = this.#models.get(id);
    this.#models.delete(id);
    await model?.dispose(reason);
  }

  async close(): Promise<void> {
    this.sessions.close();
    await this.backend.close();
  }

  async #end({ id }: Session): Promise<void> {
    this.samplers.endSession(id);
    for (const model of this.models)
      if (model.sessionId === id) await this.unload(model.id, `session ${id} ended`);
  }

  #checkLimits(adapter: AdapterChoice | null): void {
    const { loraRank = 128, models = 16 } = this.#limits;
    if (adapter && adapter.rank > loraRank)
      throw new TinkerError("user", `lora_config.rank ${adapter.rank} is above this server's ${loraRank}`);
    if (this.#models.size >= models)
      throw new TinkerError("user", `${models} models are in training, which is the most here; unload one`);
  }
}
