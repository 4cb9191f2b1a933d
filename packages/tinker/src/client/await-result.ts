import { TinkerError } from "../errors.ts";
import { JSON_TYPE, PROTOBUF, type Submitted } from "../wire/index.ts";
import type { HttpReply } from "./http-call.ts";
import type { HttpTransport } from "./http-transport.ts";
import { jittered, pause } from "./pause.ts";
import { type ResultReader, readPoll } from "./read-poll.ts";

/** What a wait knows about its request, for polls and errors. */
export interface WaitOptions {
  readonly seqId?: number;
  readonly signal?: AbortSignal | undefined;
  /** When the request was submitted, in ms since 1970: the deadline counts from there. */
  readonly since: number;
}

/**
 * Polls until the result of a submitted request is there. Throws `TinkerError`: `user` or `server` where the request failed,
 * `expired` where the server does not know it any more, `connection` where no answer came within the limits.
 */
export function awaitResult<T>(
  transport: HttpTransport,
  submitted: Submitted,
  reader: ResultReader<T>,
  options: WaitOptions,
): Promise<T> {
  return new ResultWait(transport, submitted.request_id, reader, options).run();
}

type Poll = { readonly reply: HttpReply } | { readonly error: TinkerError; readonly timedOut: boolean };

class ResultWait<T> {
  readonly #transport: HttpTransport;
  readonly #requestId: string;
  readonly #reader: ResultReader<T>;
  readonly #options: WaitOptions;
  readonly #what: string;
  #polls = 0;
  #failures = 0;
  #lastAnswer = Date.now();
  #billedSince: number | undefined;
  /** Whether a large result may be announced by its size first. */
  #allowMetadata: boolean;

  constructor(transport: HttpTransport, requestId: string, reader: ResultReader<T>, options: WaitOptions) {
    this.#transport = transport;
    this.#requestId = requestId;
    this.#reader = reader;
    this.#options = { signal: transport.settings.signal, ...options };
    this.#what = `${reader.type} ${requestId}`;
    this.#allowMetadata = reader.protobuf !== undefined;
  }

  async run(): Promise<T> {
    for (;;) {
      const poll = await this.#poll();
      this.#polls++;
      if (!("reply" in poll)) {
        await this.#unanswered(poll);
        continue;
      }
      this.#lastAnswer = Date.now();
      const read = readPoll(poll.reply, this.#reader, this.#what, this.#transport, this.#requestId);
      switch (read.state) {
        case "done":
          return read.value;
        case "failed":
          throw this.#withFacts(read.error);
        case "metadata":
          this.#allowMetadata = false;
          break;
        case "pending":
          this.#failures = 0;
          this.#report(read.queueState, read.reason);
          break;
        case "again":
          if (read.error.kind === "billing") await this.#bill(read.error);
          else await this.#again(read.error);
      }
    }
  }

  async #poll(): Promise<Poll> {
    const { limits, wire } = this.#transport.settings;
    const left = this.#options.since + limits.deadlineMs - Date.now();
    if (left <= 0)
      throw this.#withFacts(
        new TinkerError("connection", `${this.#what}: not done within ${limits.deadlineMs / 1000} s`, {
          retryable: false,
        }),
      );
    const timeoutMs = Math.min(limits.pollMs, left);
    const began = Date.now();
    try {
      const reply = await this.#transport.once({
        path: "retrieve_future",
        body: { request_id: this.#requestId, ...(this.#allowMetadata && { allow_metadata_only: true }) },
        headers: {
          accept: this.#reader.protobuf && wire !== "json" ? PROTOBUF : JSON_TYPE,
          "x-tinker-request-type": this.#reader.type,
          "x-tinker-request-iteration": String(this.#polls),
        },
        timeoutMs,
        signal: this.#options.signal,
      });
      return { reply };
    } catch (error) {
      if (!TinkerError.isInstance(error) || error.kind !== "connection") throw error;
      return { error, timedOut: Date.now() - began >= timeoutMs };
    }
  }

  /** Our own timeout means "still pending", as long as the server was heard lately. */
  async #unanswered({ error, timedOut }: Extract<Poll, { error: TinkerError }>): Promise<void> {
    if (!timedOut) await this.#again(error);
    else if (this.#silence > this.#transport.settings.limits.idleMs) throw this.#lost(error);
  }

  async #again(error: TinkerError): Promise<void> {
    const { limits, onEvent } = this.#transport.settings;
    // Being told to slow down is an answer, and no failure, however often.
    const tolerated = error.status === 429 ? limits.attempts - 1 : limits.attempts;
    this.#failures = Math.min(this.#failures + 1, tolerated);
    if (this.#failures >= limits.attempts || this.#silence > limits.idleMs) throw this.#lost(error);
    const pauseMs = jittered(this.#failures - 1, limits.pauseMs, limits.longestPauseMs);
    onEvent({ type: "retry", path: this.#what, attempt: this.#failures, pauseMs, why: error.message });
    await pause(pauseMs, this.#options.signal);
  }

  async #bill(error: TinkerError): Promise<void> {
    const { limits, onEvent } = this.#transport.settings;
    this.#billedSince ??= Date.now();
    const waitedMs = Date.now() - this.#billedSince;
    if (waitedMs >= limits.billingMs) throw this.#withFacts(error);
    onEvent({ type: "billing", path: this.#what, waitedMs });
    await pause(Math.min(5000, limits.billingMs), this.#options.signal);
  }

  #report(state: "active" | "paused_capacity" | "paused_rate_limit", reason: string | undefined): void {
    this.#transport.settings.onEvent({
      type: "queue",
      request: this.#reader.type,
      requestId: this.#requestId,
      state,
      reason,
      polls: this.#polls,
      elapsedMs: Date.now() - this.#options.since,
    });
  }

  get #silence(): number {
    return Date.now() - this.#lastAnswer;
  }

  #lost(error: TinkerError): TinkerError {
    const failed = this.#failures === 1 ? "1 failed poll" : `${this.#failures} failed polls`;
    const why = `given up after ${failed}, ${Math.round(this.#silence / 1000)} s without an answer; the last one: ${error.message}`;
    return this.#withFacts(error, `${this.#what}: ${why}`);
  }

  #withFacts(error: TinkerError, message = error.message): TinkerError {
    const { status, retryable, kind } = error;
    const { seqId } = this.#options;
    return new TinkerError(kind, message, {
      cause: error,
      retryable,
      requestId: this.#requestId,
      ...(status !== undefined && { status }),
      ...(seqId !== undefined && { seqId }),
    });
  }
}
