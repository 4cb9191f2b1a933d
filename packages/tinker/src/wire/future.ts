import { z } from "zod";
import { optional } from "./optional.ts";

/** Body of `retrieve_future`. */
export const RetrieveFutureRequest = z.object({
  request_id: z.union([z.string(), z.int().transform(String)]),
  allow_metadata_only: z.boolean().nullish(),
});

/** Body of `cancel_future`. */
export const CancelFutureRequest = z.object({ request_id: z.string() });

/** Why a request waits. */
export const QueueState = z.enum(["active", "paused_capacity", "paused_rate_limit"]);

/** Why a request waits. */
export type QueueState = z.infer<typeof QueueState>;

/** Answer to a poll whose result is not there yet. */
export const TryAgain = z.object({
  type: z.literal("try_again"),
  request_id: optional(z.string()),
  queue_state: QueueState.catch("active"),
  queue_state_reason: optional(z.string()),
});

/** Answer to a poll whose result is there but large. */
export const CompleteMetadata = z.object({
  status: z.literal("complete_metadata"),
  response_payload_size: z.number(),
});

/** Whose fault a failed request is, as servers say it. */
export const ErrorCategory = z.enum(["unknown", "server", "user"]).catch("unknown");

/** Whose fault a failed request is. */
export type ErrorCategory = z.infer<typeof ErrorCategory>;

/** Answer to a poll whose request failed, for good. */
export const RequestFailed = z.object({ error: z.string(), category: ErrorCategory.default("unknown") });

/** Answer to a poll whose request failed. */
export type RequestFailed = z.infer<typeof RequestFailed>;

/** Body of an HTTP error; FastAPI's `detail` is a text or a list of faults with their places. */
const ErrorBody = z.object({
  detail: optional(
    z.union([
      z.string(),
      z.array(z.object({ msg: z.string(), loc: optional(z.array(z.union([z.string(), z.int()]))) })),
    ]),
  ),
  error: optional(z.union([z.string(), z.object({ message: z.string() })])),
  message: optional(z.string()),
});

/** What an HTTP error's body says, in one line of at most 500 characters; an empty text where it says nothing. */
export function readErrorText(body: string): string {
  return oneLine(errorText(body)).slice(0, 500);
}

function errorText(body: string): string {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return body;
  }
  const parsed = ErrorBody.safeParse(json);
  if (!parsed.success) return body;
  const { detail, error, message } = parsed.data;
  if (Array.isArray(detail))
    return detail.map(({ msg, loc }) => (loc ? `${loc.join(".")}: ${msg}` : msg)).join("; ");
  return detail ?? (typeof error === "object" ? error.message : error) ?? message ?? body;
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
