import type { IncomingHttpHeaders } from "node:http";

/** What a server asked to wait, in milliseconds: `retry-after-ms`, or `Retry-After` in seconds or as a date (RFC 9110, 10.2.3). */
export function retryAfterMs(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const exact = nonNegative(headers["retry-after-ms"]);
  if (exact !== undefined) return exact;
  const seconds = nonNegative(headers["retry-after"]);
  if (seconds !== undefined) return seconds * 1000;
  const written = headers["retry-after"] ?? "";
  // `Date.parse` takes "-3" for a date; those of HTTP begin with the day.
  const date = /^[a-z]/i.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function nonNegative(value: string | readonly string[] | undefined): number | undefined {
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
