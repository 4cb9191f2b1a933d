import { TinkerError } from "../errors.ts";
import { JSON_TYPE } from "../wire/index.ts";
import type { ClientEvent } from "./client-events.ts";
import type { ClientLimits } from "./client-limits.ts";
import type { Credential } from "./credential.ts";
import { cancelled, connectionFailure, httpFailure } from "./http-failure.ts";
import { jittered, pause } from "./pause.ts";
import type { ServerAddress } from "./server-address.ts";

/** One HTTP call. */
export interface HttpCall {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api/v1/`. */
  readonly path: string;
  /** Sent as JSON, unless it is bytes, which need `contentType`. */
  readonly body?: object | Uint8Array;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer with its body. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

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

const TEXT = new TextDecoder();

/** The text of an answer's body. */
export const replyText = (reply: HttpReply): string => TEXT.decode(reply.body);

/** Calls one server: the key in its header and nowhere else, no redirect followed, bodies bounded, failures typed. */
export class HttpTransport {
  readonly settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.settings = settings;
  }

  /** One attempt; every status is an answer. Throws `TinkerError` of kind `connection`, `cancelled` or `protocol`. */
  async once(call: HttpCall): Promise<HttpReply> {
    const { address, credential, limits, signal: whole } = this.settings;
    const { method = "POST", path, body, timeoutMs = limits.requestMs } = call;
    const given = call.signal ?? whole;
    if (given?.aborted) throw cancelled(path, given);
    // One timer and one listener, both taken back: AbortSignal.any and .timeout would pile up over many thousand calls.
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    const stop = () => controller.abort();
    given?.addEventListener("abort", stop, { once: true });
    const bytes = body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body);
    try {
      const response = await fetch(address.route(path), {
        method,
        redirect: "manual",
        signal: controller.signal,
        headers: {
          accept: JSON_TYPE,
          ...(bytes !== undefined && { "content-type": call.contentType ?? JSON_TYPE }),
          ...call.headers,
          ...(await credential.headers()),
        },
        ...(bytes !== undefined && { body: bytes as NonNullable<RequestInit["body"]> }),
      });
      const { status, headers } = response;
      return {
        status,
        headers,
        contentType: headers.get("content-type"),
        body: await boundedBody(response, limits.replyBytes, path),
      };
    } catch (error) {
      if (controller.signal.aborted && !given?.aborted)
        throw new TinkerError("connection", `${path}: no answer within ${timeoutMs / 1000} s`, {
          cause: error,
        });
      throw connectionFailure(path, error, given);
    } finally {
      clearTimeout(timer);
      given?.removeEventListener("abort", stop);
    }
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
    const location = reply.headers.get("location");
    if (reply.status >= 300 && reply.status < 400) {
      const to = location === null ? "nowhere" : this.redact(location.slice(0, 200));
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
function retryAfter(headers: Headers): { retryAfterMs?: number } {
  const ms = Number(headers.get("retry-after-ms") ?? Number.NaN);
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  const wait = Number.isFinite(ms) ? ms : seconds * 1000;
  return Number.isFinite(wait) && wait >= 0 ? { retryAfterMs: Math.min(wait, 60_000) } : {};
}

async function boundedBody(response: Response, limit: number, path: string): Promise<Uint8Array> {
  const tooLarge = () =>
    new TinkerError("protocol", `${path}: the answer is larger than ${limit} bytes; raise limits.replyBytes`);
  const { headers } = response;
  const length = Number(headers.get("content-length") ?? Number.NaN);
  if (length > limit) {
    await response.body?.cancel();
    throw tooLarge();
  }
  // A stated length bounds the body only where it is not unpacked on the way.
  if (Number.isFinite(length) && !headers.has("content-encoding"))
    return new Uint8Array(await response.arrayBuffer());
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > limit) throw tooLarge();
    parts.push(part);
  }
  return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts));
}
