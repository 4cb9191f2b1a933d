import { TinkerError } from "../errors.ts";
import type { ClientEvent } from "./client-events.ts";
import type { ClientLimits } from "./client-limits.ts";
import type { Credential } from "./credential.ts";
import { type HttpCall, HttpConnections, type HttpReply, replyText } from "./http-call.ts";
import { httpFailure } from "./http-failure.ts";
import { jittered, pause } from "./pause.ts";
import type { ServerAddress } from "./server-address.ts";

/** What a transport is made of. */
export interface TransportSettings {
  readonly address: ServerAddress;
  readonly credential: Credential;
  readonly limits: ClientLimits;
  readonly onEvent: (event: ClientEvent) => void;
  readonly signal: AbortSignal | undefined;
  /** `json` asks for JSON results only; otherwise the server may answer in protobuf. */
  readonly wire: "auto" | "json" | "protobuf";
}

/** Calls one server: the key in its header and nowhere else, no redirect followed, bodies bounded, failures typed. */
export class HttpTransport {
  readonly settings: TransportSettings;
  readonly #connections: HttpConnections;

  constructor(settings: TransportSettings) {
    this.settings = settings;
    this.#connections = new HttpConnections(settings.address.url);
  }

  /** One attempt; every status is an answer. Throws `TinkerError` of kind `connection`, `cancelled` or `protocol`. */
  async once(call: HttpCall): Promise<HttpReply> {
    const { credential, limits, signal } = this.settings;
    const secret = await credential.headers();
    const { timeoutMs = limits.requestMs } = call;
    return this.#connections.call(
      { ...call, signal: call.signal ?? signal },
      secret,
      timeoutMs,
      limits.replyBytes,
    );
  }

  /**
   * Attempts until an answer of status 2xx, as often and as long as the limits allow. Only for calls that may be made twice:
   * reads, and requests with a number that the server counts once.
   */
  async call(call: HttpCall): Promise<HttpReply> {
    const { limits, onEvent } = this.settings;
    const signal = call.signal ?? this.settings.signal;
    const began = Date.now();
    let billed: number | undefined;
    for (let attempt = 1; ; attempt++) {
      const { reply, error } = await this.#attempt(call);
      if (reply) return reply;
      if (error.kind === "billing") {
        billed ??= Date.now();
        const waitedMs = Date.now() - billed;
        if (waitedMs >= limits.billingMs) throw error;
        onEvent({ type: "billing", path: call.path, waitedMs });
        await pause(Math.min(5000, limits.billingMs), signal);
        attempt--;
        continue;
      }
      const tired = attempt >= limits.attempts || Date.now() - began > limits.idleMs;
      if (!error.retryable || tired) throw tired && error.retryable ? gaveUp(error, attempt) : error;
      const pauseMs = this.#pauseAfter(error, attempt);
      onEvent({ type: "retry", path: call.path, attempt, pauseMs, why: error.message });
      await pause(pauseMs, signal);
    }
  }

  async #attempt(
    call: HttpCall,
  ): Promise<{ reply?: HttpReply; error: TinkerError & { retryAfterMs?: number } }> {
    try {
      const reply = await this.once(call);
      if (reply.status >= 200 && reply.status < 300) return { reply, error: NO_ERROR };
      return { error: Object.assign(this.failure(call.path, reply), retryAfter(reply.headers)) };
    } catch (error) {
      if (TinkerError.isInstance(error)) return { error };
      throw error;
    }
  }

  /** The error that a status other than 2xx means. */
  failure(path: string, reply: HttpReply, requestId?: string): TinkerError {
    const location = reply.headers.location;
    if (reply.status >= 300 && reply.status < 400) {
      const to = location === undefined ? "nowhere" : this.redact(location.slice(0, 200));
      return new TinkerError(
        "protocol",
        `${path}: the server sends elsewhere (${reply.status} to ${to}); the key was not sent there; set that address if you trust it`,
        { status: reply.status },
      );
    }
    return httpFailure(path, reply.status, this.redact(replyText(reply)), requestId);
  }

  /** A text of the server as it may be shown. */
  redact(text: string): string {
    return this.settings.credential.redact(text);
  }

  #pauseAfter(error: TinkerError & { retryAfterMs?: number }, attempt: number): number {
    const { pauseMs, longestPauseMs } = this.settings.limits;
    return Math.max(error.retryAfterMs ?? 0, jittered(attempt - 1, pauseMs, longestPauseMs));
  }
}

const NO_ERROR = new TinkerError("unknown", "none");

function gaveUp(error: TinkerError, attempts: number): TinkerError {
  const { status } = error;
  return new TinkerError(error.kind, `${error.message} (given up after ${attempts} attempts)`, {
    cause: error,
    retryable: true,
    ...(status !== undefined && { status }),
  });
}

/** `retry-after-ms` or `retry-after` in seconds, at most a minute. */
function retryAfter(headers: HttpReply["headers"]): { retryAfterMs?: number } {
  const ms = Number(headers["retry-after-ms"] ?? Number.NaN);
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  const wait = Number.isFinite(ms) ? ms : seconds * 1000;
  return Number.isFinite(wait) && wait >= 0 ? { retryAfterMs: Math.min(wait, 60_000) } : {};
}
