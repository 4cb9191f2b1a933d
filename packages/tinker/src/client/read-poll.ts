import type { z } from "zod";
import { TinkerError } from "../errors.ts";
import {
  CompleteMetadata,
  isProtobuf,
  type QueueState,
  RequestFailed,
  readValue,
  TryAgain,
} from "../wire/index.ts";
import type { RequestType } from "./client-events.ts";
import { type HttpReply, replyText } from "./http-call.ts";
import type { HttpTransport } from "./http-transport.ts";

/** How the result of a request is read: JSON always, protobuf where the protocol has a message for it. */
export interface ResultReader<T> {
  readonly type: RequestType;
  readonly json: z.ZodType<T>;
  readonly protobuf?: (bytes: Uint8Array) => T;
}

/** What the answer to a poll says. */
export type Reading<T> =
  | { readonly state: "done"; readonly value: T }
  | {
      readonly state: "pending";
      readonly queueState: QueueState;
      readonly reason?: string | undefined;
    }
  | { readonly state: "metadata" }
  | { readonly state: "failed" | "again"; readonly error: TinkerError };

/**
 * Reads the answer to a poll. Servers differ: a pending result is 200 or 408 with or without a queue state, a failed one 200
 * with `{error, category}` or a status of its own. Throws `TinkerError` of kind `protocol` for what is neither.
 */
export function readPoll<T>(
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
