import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { TinkerError } from "../errors.ts";
import { type Exchange, type Reply, readExchange } from "./exchange.ts";
import { HttpFault } from "./http-fault.ts";
import { findRoute, type Route } from "./router.ts";

/** Where a server listens and whom it answers. */
export interface ListenerOptions {
  /** Default 127.0.0.1. Any other than a loopback address demands a key. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Requests must bring this in `X-API-Key`, or as a bearer token. */
  readonly apiKey?: string;
  /** Longest body in bytes, packed and unpacked; default 64 MiB. */
  readonly bodyLimit?: number;
}

const LOOPBACK = /^(127(\.\d+){3}|::1|localhost)$/;

/** Answers HTTP requests by a list of routes. Errors become `{detail}` with a status, never a stack. */
export class HttpListener {
  readonly url: string;
  readonly #server: Server;
  readonly #stopping: AbortController;

  private constructor(server: Server, stopping: AbortController, url: string) {
    this.#server = server;
    this.#stopping = stopping;
    this.url = url;
  }

  /** Throws `TinkerError` where it may not or cannot listen there. */
  static async listen(routes: readonly Route[], options: ListenerOptions = {}): Promise<HttpListener> {
    const { host = "127.0.0.1", port = 0, apiKey, bodyLimit = 64 * 2 ** 20 } = options;
    if (!LOOPBACK.test(host) && apiKey === undefined)
      throw new TinkerError(
        "user",
        `host ${host} can be reached from other machines; set an API key, or listen on 127.0.0.1`,
      );
    const stopping = new AbortController();
    const isAllowed = keyCheck(apiKey);
    const server = createServer((request, response) => {
      const gone = new AbortController();
      response.on("close", () => gone.abort());
      const signal = AbortSignal.any([gone.signal, stopping.signal]);
      void respond(request, response, stopping.signal, () => {
        if (apiKey === undefined) checkHost(request);
        const exchange = readExchange(request, bodyLimit, signal);
        const { route, parameters } = findRoute(routes, exchange);
        if (!route.open && !isAllowed(request)) throw new HttpFault(401, "the API key is missing or wrong");
        return route.handler({ ...exchange, parameters });
      });
    });
    // Clients keep connections for longer than Node's 5 s; a request on one that is just being closed would fail.
    server.keepAliveTimeout = 75_000;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) =>
        reject(
          new TinkerError(
            "user",
            error.code === "EADDRINUSE"
              ? `port ${port} of ${host} is in use; choose another one`
              : `cannot listen on ${host} port ${port}: ${error.message}`,
          ),
        ),
      );
      server.listen(port, host, resolve);
    });
    const { port: bound } = server.address() as AddressInfo;
    const name = host.includes(":") ? `[${host}]` : host;
    return new HttpListener(server, stopping, `http://${name}:${bound}`);
  }

  /** Takes no further requests, ends long polls, and waits until all answers were sent. */
  async close(): Promise<void> {
    this.#stopping.abort();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const forced = setTimeout(() => this.#server.closeAllConnections(), 2000);
    forced.unref();
    await closed;
    clearTimeout(forced);
  }
}

/** Compares hashes, whose length and time to compare say nothing about the key. */
function keyCheck(apiKey: string | undefined): (request: IncomingMessage) => boolean {
  if (apiKey === undefined) return () => true;
  const hash = (text: string) => createHash("sha256").update(text).digest();
  const right = hash(apiKey);
  return ({ headers }) => {
    const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];
    const given = [headers["x-api-key"], bearer].flat().filter((key) => key !== undefined);
    return given.some((key) => timingSafeEqual(hash(key), right));
  };
}

/** Without a key only this machine may ask, and no web page through a name that it let point here. */
function checkHost({ headers: { host = "" } }: IncomingMessage): void {
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  if (!LOOPBACK.test(name)) throw new HttpFault(403, `host "${host}" is not this machine; use 127.0.0.1`);
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  stopping: AbortSignal,
  handle: () => Promise<Reply> | Reply,
): Promise<void> {
  let reply: Reply;
  try {
    reply = await handle();
  } catch (error) {
    reply = faultReply(error);
    // What is left of a refused body must not be read as the next request.
    if (!request.complete) response.setHeader("connection", "close");
  }
  const { status, headers = {}, json, bytes, stream } = reply;
  // A server that stops must not wait for connections that clients keep open.
  if (stopping.aborted) response.setHeader("connection", "close");
  const body = json === undefined ? bytes : Buffer.from(JSON.stringify(json));
  response.statusCode = status;
  if (json !== undefined) response.setHeader("content-type", "application/json");
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (stream) {
    // A client that goes away in the middle is no fault.
    await pipeline(stream, response).catch(() => response.destroy());
    return;
  }
  response.setHeader("content-length", body?.length ?? 0);
  response.end(body);
}

/** An error in the form of the training protocol (`detail`) and in OpenAI's (`error`) at once. */
function faultReply(fault: unknown): Reply {
  const { headers, status } = fault instanceof HttpFault ? fault : { headers: {}, status: statusOf(fault) };
  const detail = fault instanceof Error ? fault.message : String(fault);
  const type = status < 500 ? "invalid_request_error" : "server_error";
  return { status, headers, json: { detail, error: { message: detail, type, param: null, code: null } } };
}

const statusOf = (fault: unknown): number =>
  TinkerError.isInstance(fault) && (fault.kind === "user" || fault.kind === "protocol") ? 400 : 500;

/** What a route needs to build links to its own server. */
export const baseUrl = ({ headers }: Pick<Exchange, "headers">): string => `http://${headers.host ?? ""}`;
