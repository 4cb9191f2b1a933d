import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { TinkerError } from "../errors.ts";
import { decompressed, JSON_TYPE } from "../wire/index.ts";
import { cancelled, connectionFailure } from "./http-failure.ts";

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
  readonly headers: IncomingHttpHeaders;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

const TEXT = new TextDecoder();

/** The text of an answer's body. */
export const replyText = (reply: HttpReply): string => TEXT.decode(reply.body);

/**
 * Connections to one server, kept open between calls. On `node:http`, which takes far less processor time for a small request
 * than `fetch`, follows no redirect and leaves bodies as they come (docs/decisions/0014).
 */
export class HttpConnections {
  readonly #base: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(base: URL) {
    this.#base = base;
    const keep = { keepAlive: true };
    this.#agent = base.protocol === "https:" ? new HttpsAgent(keep) : new HttpAgent(keep);
  }

  /**
   * One attempt, or two where a kept connection turns out to be closed. Every status is an answer. Throws `TinkerError` of kind
   * `connection`, `cancelled` or `protocol`.
   */
  async call(
    call: HttpCall,
    secret: Readonly<Record<string, string>>,
    timeoutMs: number,
    bodyLimit: number,
  ): Promise<HttpReply> {
    const attempt = () => this.#attempt(call, secret, timeoutMs, bodyLimit);
    try {
      return await attempt();
    } catch (error) {
      if (error !== STALE) throw error;
      return attempt().catch((again: unknown) => {
        throw again === STALE
          ? new TinkerError("connection", `${call.path}: the connection was closed`)
          : again;
      });
    }
  }

  #attempt(
    call: HttpCall,
    secret: Readonly<Record<string, string>>,
    timeoutMs: number,
    bodyLimit: number,
  ): Promise<HttpReply> {
    const { method = "POST", path, body, signal } = call;
    if (signal?.aborted) return Promise.reject(cancelled(path, signal));
    const bytes = body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
    const { protocol, hostname, port, pathname } = this.#base;
    return new Promise((resolve, reject) => {
      let answered = false;
      const send = protocol === "https:" ? httpsRequest : httpRequest;
      const sent: ClientRequest = send({
        method,
        agent: this.#agent,
        hostname: hostname.replace(/^\[|\]$/g, ""),
        ...(port !== "" && { port }),
        path: `${pathname}api/v1/${path}`,
        headers: {
          accept: JSON_TYPE,
          ...(bytes !== undefined && {
            "content-type": call.contentType ?? JSON_TYPE,
            "content-length": bytes.length,
          }),
          ...call.headers,
          ...secret,
        },
      });
      const end = (settle: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
        settle();
      };
      const fail = (error: unknown) =>
        end(() => {
          sent.destroy();
          reject(error);
        });
      const timer = setTimeout(
        () => fail(new TinkerError("connection", `${path}: no answer within ${timeoutMs / 1000} s`)),
        timeoutMs,
      );
      const stop = () => fail(cancelled(path, signal!));
      signal?.addEventListener("abort", stop, { once: true });
      const broken = (error: Error) => {
        const { code } = error as NodeJS.ErrnoException;
        const stale = sent.reusedSocket && !answered && (code === "ECONNRESET" || code === "EPIPE");
        fail(stale ? STALE : connectionFailure(path, error, signal));
      };
      sent.on("error", broken);
      sent.on("response", (response) => {
        answered = true;
        readBody(response, bodyLimit, path).then(
          (read) => {
            const { statusCode: status = 0, headers } = response;
            end(() => resolve({ status, headers, contentType: headers["content-type"], body: read }));
          },
          (error: unknown) => (TinkerError.isInstance(error) ? fail(error) : broken(error as Error)),
        );
      });
      sent.end(bytes);
    });
  }
}

/** A kept connection that the server had closed meanwhile: nothing was answered on it. */
const STALE = Symbol("stale connection");

function readBody(response: IncomingMessage, limit: number, path: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const tooLarge = () =>
      reject(
        new TinkerError(
          "protocol",
          `${path}: the answer is larger than ${limit} bytes; raise limits.replyBytes`,
        ),
      );
    if (Number(response.headers["content-length"] ?? 0) > limit) return tooLarge();
    const parts: Buffer[] = [];
    let size = 0;
    response.on("data", (part: Buffer) => {
      size += part.length;
      if (size > limit) tooLarge();
      else parts.push(part);
    });
    response.on("error", reject);
    response.on("end", () => {
      const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      const encoding = response.headers["content-encoding"];
      if (encoding === undefined) return resolve(whole);
      try {
        resolve(decompressed(whole, encoding, limit));
      } catch (error) {
        const { message } = error as Error;
        reject(
          message.startsWith("a body of more than")
            ? new TinkerError(
                "protocol",
                `${path}: the answer is larger than ${limit} bytes; raise limits.replyBytes`,
              )
            : new TinkerError("protocol", `${path}: ${message}`),
        );
      }
    });
  });
}
