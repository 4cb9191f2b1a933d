import type { z } from "zod";
import { TinkerError } from "../errors.ts";
import {
  CompleteMetadata,
  isProtobuf,
  JSON_TYPE,
  PROTOBUF,
  type QueueState,
  RequestFailed,
  readValue,
  type Submitted,
  TryAgain,
} from "../wire/index.ts";
import type { RequestType } from "./client-events.ts";
import { type HttpReply, replyText } from "./http-call.ts";
import type { HttpTransport } from "./http-transport.ts";
import { jittered, pause } from "./pause.ts";

/** How the result of a request is read: JSON always, protobuf where the protocol has a message for it. */
export interface ResultReader<T> {
  readonly type: RequestType;
  readonly json: z.ZodType<T>;
  readonly protobuf?: (bytes: Uint8Array) => T;
}

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
export async function awaitResult<T>(
  transport: HttpTransport,
  submitted: Submitted,
  reader: ResultReader<T>,
  { seqId, signal = transport.settings.signal, since }: WaitOptions,
): Promise<T> {
  const { limits, onEvent } = transport.settings;
  const requestId = submitted.request_id;
  const facts = { requestId, ...(seqId !== undefined && { seqId }) };
  const what = `${reader.type} ${requestId}`;
  let lastAnswer = Date.now();
  let failures = 0;
  let billedSince: number | undefined;
  let allowMetadata = true;
  for (let polls = 0; ; polls++) {
    const left = since + limits.deadlineMs - Date.now();
    if (left <= 0)
      throw new TinkerError("connection", `${what}: not done within ${limits.deadlineMs / 1000} s`, {
        ...facts,
        retryable: false,
      });
    const poll = await pollOnce(transport, {
      path: "retrieve_future",
      body: { request_id: requestId, ...(allowMetadata && reader.protobuf && { allow_metadata_only: true }) },
      headers: {
        accept: reader.protobuf && transport.settings.wire !== "json" ? PROTOBUF : JSON_TYPE,
        "x-tinker-request-type": reader.type,
        "x-tinker-request-iteration": String(polls),
      },
      timeoutMs: Math.min(limits.pollMs, left),
      signal,
    });
    if ("reply" in poll) {
      lastAnswer = Date.now();
      const read = readReply(poll.reply, reader, what, transport, requestId);
      if (read.state === "done") return read.value;
      if (read.state === "failed")
        throw new TinkerError(read.error.kind, read.error.message, { ...factsOf(read.error), ...facts });
      if (read.state === "metadata") {
        allowMetadata = false;
        continue;
      }
      if (read.state === "pending") {
        failures = 0;
        onEvent({
          type: "queue",
          request: reader.type,
          requestId,
          state: read.queueState,
          reason: read.reason,
          polls: polls + 1,
          elapsedMs: Date.now() - since,
        });
        continue;
      }
      if (read.error.kind === "billing") {
        billedSince ??= Date.now();
        const waitedMs = Date.now() - billedSince;
        if (waitedMs >= limits.billingMs) throw read.error;
        onEvent({ type: "billing", path: what, waitedMs });
        await pause(Math.min(5000, limits.billingMs), signal);
        continue;
      }
      // Being told to slow down is an answer, and no failure, however often.
      failures = read.error.status === 429 ? Math.min(failures + 1, limits.attempts - 1) : failures + 1;
      await again(read.error);
    } else if (poll.timedOut) {
      // Our own timeout means "still pending", as long as the server was heard lately.
      if (Date.now() - lastAnswer > limits.idleMs) throw lost(poll.error);
    } else {
      failures++;
      await again(poll.error);
    }
  }

  function lost(error: TinkerError): TinkerError {
    const silent = Math.round((Date.now() - lastAnswer) / 1000);
    return new TinkerError(
      error.kind,
      `${what}: given up after ${failures} failed polls, ${silent} s without a good answer; the last one: ${error.message}`,
      { ...factsOf(error), ...facts, cause: error, retryable: true },
    );
  }

  async function again(error: TinkerError): Promise<void> {
    if (!error.retryable || error.kind === "cancelled") throw error;
    if (failures >= limits.attempts || Date.now() - lastAnswer > limits.idleMs) throw lost(error);
    const pauseMs = jittered(failures - 1, limits.pauseMs, limits.longestPauseMs);
    onEvent({ type: "retry", path: what, attempt: failures, pauseMs, why: error.message });
    await pause(pauseMs, signal);
  }
}

const factsOf = ({ status, retryable }: TinkerError) => ({
  retryable,
  ...(status !== undefined && { status }),
});

type Poll = { readonly reply: HttpReply } | { readonly error: TinkerError; readonly timedOut: boolean };

async function pollOnce(transport: HttpTransport, call: Parameters<HttpTransport["once"]>[0]): Promise<Poll> {
  const began = Date.now();
  try {
    return { reply: await transport.once(call) };
  } catch (error) {
    if (!TinkerError.isInstance(error) || error.kind !== "connection") throw error;
    return { error, timedOut: Date.now() - began >= (call.timeoutMs ?? 0) };
  }
}

type Reading<T> =
  | { readonly state: "done"; readonly value: T }
  | {
      readonly state: "pending";
      readonly queueState: QueueState;
      readonly reason?: string | undefined;
    }
  | { readonly state: "metadata" }
  | { readonly state: "failed" | "again"; readonly error: TinkerError };

function readReply<T>(
  reply: HttpReply,
  reader: ResultReader<T>,
  what: string,
  transport: HttpTransport,
  requestId: string,
): Reading<T> {
  const { status, contentType, body } = reply;
  const good = status >= 200 && status < 300;
  if (good && isProtobuf(contentType)) {
    if (!reader.protobuf)
      throw new TinkerError("protocol", `${what}: the server answers in protobuf, which this result has not`);
    return { state: "done", value: reader.protobuf(body) };
  }
  if (status === 408) {
    const pending = TryAgain.safeParse(jsonOf(replyText(reply)));
    // Some servers say only that the poll timed out.
    return {
      state: "pending",
      queueState: pending.data?.queue_state ?? "active",
      reason: pending.data?.queue_state_reason,
    };
  }
  if (!good) {
    const error = transport.failure(what, reply, requestId);
    return { state: error.retryable ? "again" : "failed", error };
  }
  const json = jsonOf(replyText(reply));
  if (json === undefined)
    throw new TinkerError("protocol", `${what}: the answer is neither protobuf nor JSON`);
  const pending = TryAgain.safeParse(json);
  if (pending.success)
    return {
      state: "pending",
      queueState: pending.data.queue_state,
      reason: pending.data.queue_state_reason,
    };
  if (CompleteMetadata.safeParse(json).success) return { state: "metadata" };
  const failed = RequestFailed.safeParse(json);
  if (failed.success) {
    const { error, category } = failed.data;
    return {
      state: "failed",
      error: new TinkerError(category, `${what} failed: ${transport.redact(error)}`, {
        requestId,
        retryable: false,
      }),
    };
  }
  return { state: "done", value: readValue(reader.json, json, what, "protocol") };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
