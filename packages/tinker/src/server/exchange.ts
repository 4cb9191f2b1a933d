import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { decompressed } from "../wire/index.ts";
import { HttpFault } from "./http-fault.ts";

/** One request, as the routes see it. */
export interface Exchange {
  readonly method: string;
  /** Segments of the path, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Values of the named segments of the route. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Fires when the client went away or the server stops. */
  readonly signal: AbortSignal;
  /** The body, unpacked where it was sent compressed. Throws `HttpFault` 413, or `TinkerError` for an encoding that is not read. */
  bytes(): Promise<Uint8Array>;
  /** The body as JSON; an absent body is `{}`. Throws `HttpFault` 400 or 415. */
  json(): Promise<unknown>;
}

/** What goes back. A `json` value is written with null for what JSON lacks (NaN and infinities). */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly stream?: Readable;
}

/** 200 with a JSON value. */
export const answer = (json: unknown): Reply => ({ status: 200, json });

/** Reads a request that Node received; `parameters` are filled in by the router. */
export function readExchange(request: IncomingMessage, limit: number, signal: AbortSignal): Exchange {
  const url = new URL(request.url ?? "/", "http://server");
  let body: Promise<Uint8Array> | undefined;
  const bytes = () => {
    body ??= readBody(request, limit).then((raw) =>
      decompressed(raw, request.headers["content-encoding"], limit),
    );
    return body;
  };
  return {
    method: request.method ?? "GET",
    path: decodedPath(url.pathname),
    query: url.searchParams,
    headers: request.headers,
    parameters: {},
    signal,
    bytes,
    json: async () => {
      const raw = await bytes();
      if (raw.length === 0) return {};
      const type = request.headers["content-type"] ?? "";
      // A page in a browser may send other types to any server without being asked; JSON it may not.
      if (!type.startsWith("application/json"))
        throw new HttpFault(415, `content type is "${type}"; send application/json`);
      try {
        return JSON.parse(Buffer.from(raw).toString("utf8")) as unknown;
      } catch (error) {
        throw new HttpFault(400, `body is no JSON: ${(error as Error).message}`);
      }
    },
  };
}

/** Checkpoint ids hold a slash, sent raw or encoded: so a path is decoded before it is split. */
function decodedPath(pathname: string): string[] {
  try {
    return decodeURIComponent(pathname).split("/").slice(1);
  } catch {
    throw new HttpFault(400, "the path is not percent-encoded correctly");
  }
}

async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const tooLong = () => new HttpFault(413, `the body is longer than ${limit} bytes; send less at once`);
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLong();
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > limit) throw tooLong();
    parts.push(part);
  }
  return Buffer.concat(parts, length);
}
