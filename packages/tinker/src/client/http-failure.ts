import { type ErrorKind, TinkerError } from "../errors.ts";
import { readErrorText } from "../wire/index.ts";

/** What an HTTP status says: whose fault, and whether the same call may succeed later. */
export function httpFailure(path: string, status: number, body: string, requestId?: string): TinkerError {
  const text = readErrorText(body);
  const { kind, retryable } = meaning(status, text);
  const said = text === "" ? "no reason given" : text;
  return new TinkerError(kind, `${path}: the server answers ${status}: ${said}`, {
    status,
    retryable,
    ...(requestId !== undefined && { requestId }),
  });
}

function meaning(status: number, text: string): { kind: ErrorKind; retryable: boolean } {
  switch (status) {
    case 400:
      // Proxies answer an empty 400 where a connection went bad.
      return text === "" ? { kind: "connection", retryable: true } : { kind: "user", retryable: false };
    case 401:
    case 403:
      return { kind: "auth", retryable: false };
    case 402:
      return { kind: "billing", retryable: true };
    case 404:
    case 410:
      return { kind: "expired", retryable: false };
    case 408:
      return { kind: "connection", retryable: true };
    case 429:
      return { kind: "server", retryable: true };
    default:
      if (status >= 500) return { kind: "server", retryable: status !== 501 };
      return { kind: status >= 400 ? "user" : "protocol", retryable: false };
  }
}

/** A failed call: an aborted one is the caller's, any other the connection's. */
export function connectionFailure(
  path: string,
  error: unknown,
  signal: AbortSignal | undefined,
): TinkerError {
  if (TinkerError.isInstance(error)) return error;
  if (signal?.aborted) return cancelled(path, signal);
  return new TinkerError("connection", `${path}: ${reason(error)}`, { cause: error });
}

/** The caller gave up. */
export const cancelled = (what: string, signal: AbortSignal): TinkerError =>
  new TinkerError("cancelled", `${what}: cancelled by the caller`, { cause: signal.reason });

/** An error may hide the reason in its cause, at times as a list. */
function reason(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error & { code?: string; errors?: Error[] } };
  const inner = cause?.errors?.[0] ?? cause;
  const code = (inner as { code?: string } | undefined)?.code;
  const text = inner?.message || code || message;
  return code !== undefined && !text.includes(code) ? `${text} (${code})` : text;
}
