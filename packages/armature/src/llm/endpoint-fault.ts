import type { ConnectionFault, HttpReply } from "./json-post.ts";
import { NO_USAGE } from "./language-model.ts";
import { ModelAccessError } from "./model-access-error.ts";
import { ModelCallError, type ModelCallFacts } from "./model-call-error.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Whose reply is read, for messages, and the secret that must not stand in them. */
export interface EndpointIdentity {
  readonly id: string;
  readonly secret?: string | undefined;
  /** How the user named the secret. */
  readonly secretName?: string | undefined;
}

const CONTEXT =
  /context_length_exceeded|exceed_context_size|maximum context|context (length|window|size)|prompt is too long|input is too long|too many (input )?tokens|longer than the model/i;
const REFUSED =
  /content_filter|content management policy|responsibleaipolicy|safety (system|policy)|moderation/i;
const USED_UP = /insufficient_quota|exceeded your current quota|billing|out of credits/i;
/** A gateway gave up waiting; the model behind it may have worked on. */
const GATEWAY_TIMEOUTS: ReadonlySet<number> = new Set([408, 499, 504, 522, 524]);

/** A reply that is no answer, as the error that tells whether to try again, or that no request will be answered. */
export function statusFault(
  { status, headers, body }: HttpReply,
  who: EndpointIdentity,
): ModelCallError | ModelAccessError {
  const said = quoted(serverMessage(body), who);
  const fail = (what: string, facts: Omit<ModelCallFacts, "status">): ModelCallError =>
    new ModelCallError(`${who.id}: ${what}`, {
      status,
      // Providers charge nothing for a refused request.
      ...(!GATEWAY_TIMEOUTS.has(status) && { usage: { ...NO_USAGE, calls: 1 } }),
      ...facts,
    });
  const stop = (what: string): ModelAccessError => new ModelAccessError(`${who.id}: ${what}`);
  const answered = `status ${status}${said}`;
  const wait = retryAfterMs(headers);
  const later = {
    kind: "infrastructure",
    retryable: true,
    ...(wait !== undefined && { retryAfterMs: wait }),
  } as const;
  const never = { kind: "infrastructure", retryable: false } as const;

  if (status >= 300 && status < 400) {
    const to = quoted(headers.location ?? "", who);
    return stop(`status ${status}, a redirect${to}, is not followed; give the address itself`);
  }
  if (status === 401 || status === 403) {
    // Servers quote parts of the key here, so nothing they say is shown.
    const key =
      who.secretName === undefined ? "no key was sent; name its variable" : `check ${who.secretName}`;
    return stop(`status ${status}, access refused; ${key}`);
  }
  if (status === 429 && !USED_UP.test(body))
    return fail(`${answered}; too many requests, lower the rate`, later);
  if (status === 429 || status === 402) return stop(`${answered}; the account's quota is used up`);
  if (status >= 400 && status < 500 && CONTEXT.test(body))
    return fail(`${answered}; shorten the prompt or the answer`, { kind: "context", retryable: false });
  if (status === 400 && REFUSED.test(body))
    return fail(`${answered}; the provider's filter refused the prompt`, {
      kind: "refusal",
      retryable: false,
    });
  if (status === 404) return stop(`${answered}; check the base URL and the model's name`);
  if (GATEWAY_TIMEOUTS.has(status) || status === 409 || status === 425)
    return fail(`${answered}; try again later`, later);
  if (status >= 500 && status !== 501) return fail(`${answered}; the server failed`, later);
  return fail(`${answered}; the endpoint does not take this request`, never);
}

/** A connection that gave no whole reply. Where the server may have seen the request, what it took is unknown. */
export function connectionError(fault: ConnectionFault, { id }: EndpointIdentity): ModelCallError {
  const facts: ModelCallFacts = {
    kind: "infrastructure",
    retryable: true,
    ...(!fault.sent && { usage: NO_USAGE }),
  };
  return new ModelCallError(`${id}: ${fault.message}; check that the server runs`, facts, { cause: fault });
}

/** A reply with a good status whose body is no completion. */
export function unreadableReply(what: string, { id }: EndpointIdentity): ModelCallError {
  return new ModelCallError(`${id}: ${what}; is this an OpenAI-compatible endpoint?`, {
    kind: "infrastructure",
    retryable: true,
  });
}

/** Servers word errors as `{error: {message, code}}`, `{error: text}`, `{message}`, `{detail}` or plain text. */
function serverMessage(body: string): string {
  try {
    const value = JSON.parse(body) as Record<string, unknown> | null;
    const error = value?.["error"] ?? value?.["message"] ?? value?.["detail"];
    const message = (error as { message?: unknown } | null | undefined)?.message ?? error;
    return typeof message === "string" ? message : JSON.stringify(message ?? value);
  } catch {
    return body.replace(/<[^>]*>/g, " ");
  }
}

function quoted(text: string, { secret }: EndpointIdentity): string {
  const open = secret ? text.replaceAll(secret, "[key]") : text;
  const short = open.replace(/\s+/g, " ").trim().slice(0, 200);
  return short === "" ? "" : ` (${short})`;
}
