import { TinkerError } from "../errors.ts";
import {
  type ClientConfig,
  CreateSessionReply,
  readJson,
  type ServerCapabilities,
  Submitted,
} from "../wire/index.ts";
import { awaitResult } from "./await-result.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { replyText } from "./http-call.ts";
import type { HttpTransport } from "./http-transport.ts";
import type { RequestJournal } from "./request-journal.ts";
import { RESULTS } from "./result-readers.ts";
import type { ServerProfile } from "./server-profile.ts";
import { SessionHeartbeat } from "./session-heartbeat.ts";
import type { WireChoice } from "./wire-choice.ts";

/** What all models and samplers of one client share. */
export interface ConnectionParts {
  readonly transport: HttpTransport;
  readonly config: ClientConfig;
  readonly capabilities: ServerCapabilities;
  readonly wire: WireChoice;
  readonly profile: ServerProfile;
  readonly journal: RequestJournal | undefined;
  /** Body of `create_session`. */
  readonly session: object;
}

/** One session on a server, with its heartbeat. A session that the server lost is replaced when the next model is opened. */
export class ClientConnection {
  readonly transport: HttpTransport;
  readonly config: ClientConfig;
  readonly capabilities: ServerCapabilities;
  readonly wire: WireChoice;
  readonly journal: RequestJournal | undefined;
  readonly samples: ConcurrencyLimit;
  profile: ServerProfile;
  readonly #session: object;
  #sessionId = "";
  #heartbeat: SessionHeartbeat | undefined;
  #nextModel = 0;
  #nextSampler = 0;

  constructor(parts: ConnectionParts) {
    this.transport = parts.transport;
    this.config = parts.config;
    this.capabilities = parts.capabilities;
    this.wire = parts.wire;
    this.journal = parts.journal;
    this.profile = parts.profile;
    this.#session = parts.session;
    const most = Math.min(
      parts.transport.settings.limits.concurrentSamples,
      parts.config.sample_max_concurrent_requests,
    );
    this.samples = new ConcurrencyLimit(most);
  }

  get sessionId(): string {
    return this.#sessionId;
  }

  get sessionState(): SessionHeartbeat["state"] {
    return this.#heartbeat?.state ?? "lost";
  }

  /** Opens a session in place of the one before, if any. */
  async openSession(): Promise<void> {
    const reply = await this.transport.call({ path: "create_session", body: this.#session });
    const session = readJson(CreateSessionReply, replyText(reply), "create_session", "protocol");
    const { onEvent } = this.transport.settings;
    for (const level of ["info", "warning", "error"] as const) {
      const text = session[`${level}_message`];
      if (text !== undefined) onEvent({ type: "message", level, text: this.transport.redact(text) });
    }
    this.#heartbeat?.stop();
    this.#sessionId = session.session_id;
    this.#nextModel = 0;
    this.#nextSampler = 0;
    this.#heartbeat = new SessionHeartbeat(this.transport, session.session_id);
    this.#heartbeat.start();
  }

  /** Does something in the session and, where the server does not know it any more, once again in a new one. */
  async inSession<T>(work: (sessionId: string) => Promise<T>): Promise<T> {
    try {
      return await work(this.#sessionId);
    } catch (error) {
      if (!TinkerError.isInstance(error) || error.kind !== "expired") throw error;
      // What is not found may be something else; a session that lives must not be left, for its models would end with it.
      if (await this.#heartbeat?.isHeard()) throw error;
      await this.openSession();
      return work(this.#sessionId);
    }
  }

  /** Number of the next model of the session, from 0. */
  nextModelNumber(): number {
    return this.#nextModel++;
  }

  /** Number of the next sampling session of the session, from 0. */
  nextSamplerNumber(): number {
    return this.#nextSampler++;
  }

  /** Gives a model back. That the server does not know it (any more), or keeps its models, is no error. */
  async unload(modelId: string): Promise<void> {
    try {
      const call = { path: "unload_model", body: { model_id: modelId, type: "unload_model" } };
      const submitted = readJson(
        Submitted,
        replyText(await this.transport.call(call)),
        call.path,
        "protocol",
      );
      await awaitResult(this.transport, submitted, RESULTS.unloaded, { since: Date.now() });
    } catch (error) {
      if (!TinkerError.isInstance(error)) throw error;
    }
  }

  /** Gives a sampler back where the server has a way to; others drop it when the session ends. */
  async releaseSampler(samplerId: string): Promise<void> {
    if (this.profile.name !== "armature") return;
    const path = `samplers/${encodeURIComponent(samplerId)}`;
    await this.transport.once({ method: "DELETE", path }).catch((error: unknown) => {
      if (!TinkerError.isInstance(error)) throw error;
    });
  }

  close(): void {
    this.#heartbeat?.stop();
  }
}
