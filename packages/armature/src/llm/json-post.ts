import type { IncomingHttpHeaders } from "node:http";
import { Pool } from "undici";

/** What came back, whole. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request without a whole reply. `sent` tells whether the server may have seen it. */
export class ConnectionFault extends Error {
  readonly sent: boolean;

  constructor(message: string, sent: boolean, options: ErrorOptions) {
    super(message, options);
    this.sent = sent;
  }
}

/**
 * Posts JSON to one address over kept connections. Nothing is followed: a redirect is a reply like any other, so headers
 * reach no other host. It has no time limit of its own; the caller's signal is the limit.
 */
export class JsonPost {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: URL, headers: Readonly<Record<string, string>>, connections: number | null) {
    this.#pool = new Pool(url.origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
    this.#path = url.pathname + url.search;
    this.#headers = { "content-type": "application/json", accept: "application/json", ...headers };
  }

  /** @throws ConnectionFault, or the signal's reason. */
  send(body: string, signal: AbortSignal | undefined): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      let abortRequest: ((reason: Error) => void) | undefined;
      const onAbort = (): void => {
        reject(signal!.reason as Error);
        abortRequest?.(signal!.reason as Error);
      };
      const settle = (): void => signal?.removeEventListener("abort", onAbort);
      signal?.addEventListener("abort", onAbort, { once: true });

      let status = 0;
      let headers: IncomingHttpHeaders = {};
      let first: Buffer | undefined;
      let rest: Buffer[] | undefined;
      this.#pool.dispatch(
        { path: this.#path, method: "POST", headers: this.#headers, body },
        {
          onRequestStart(controller) {
            if (signal?.aborted) controller.abort(signal.reason as Error);
            else abortRequest = (reason) => controller.abort(reason);
          },
          onResponseStart(_, code, received) {
            status = code;
            headers = received;
          },
          onResponseData(_, chunk) {
            if (first === undefined) first = chunk;
            else if (rest === undefined) rest = [first, chunk];
            else rest.push(chunk);
          },
          onResponseEnd() {
            settle();
            const bytes = rest === undefined ? first : Buffer.concat(rest);
            resolve({ status, headers, body: bytes?.toString("utf8") ?? "" });
          },
          onResponseError(_, error) {
            settle();
            reject(connectionFault(error, status));
          },
        },
      );
    });
  }

  /** Cuts all connections. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

const NOT_SENT: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host's name cannot be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  UND_ERR_CONNECT_TIMEOUT: "no connection within the time",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

function connectionFault(error: Error, status: number): ConnectionFault {
  const { code = "" } = error as NodeJS.ErrnoException;
  const notSent = NOT_SENT[code];
  if (notSent !== undefined) return new ConnectionFault(notSent, false, { cause: error });
  const what = status === 0 ? "the connection was cut before a reply" : "the reply was cut off";
  return new ConnectionFault(`${what} (${code || error.message})`, true, { cause: error });
}
