import { TinkerError } from "../errors.ts";
import {
  compressZstd,
  encodeForwardBackwardRequest,
  type ForwardBackwardRequest,
  forwardBackwardJson,
  PROTOBUF,
} from "../wire/index.ts";
import type { HttpCall } from "./http-call.ts";

/** The two encodings of a forward-backward body. */
export type BodyEncoding = "json" | "protobuf";

/** Answers that mean "I do not read this encoding", or that a body of it was taken for an empty one. */
const NOT_READ = new Set([400, 406, 415, 422]);

/**
 * Which encoding a server takes. Until an answer has confirmed one, a request that is refused with a status that may mean
 * the encoding is sent once more in the other, under the same number.
 */
export class WireChoice {
  readonly #compress: boolean;
  #current: BodyEncoding;
  #confirmed: boolean;

  constructor(first: BodyEncoding, confirmed: boolean, compress: boolean) {
    this.#current = first;
    this.#confirmed = confirmed;
    this.#compress = compress;
  }

  /** The encoding in use. */
  get current(): BodyEncoding {
    return this.#current;
  }

  /** Sends a request in the encoding in use or, where that may be the fault, in the other one. */
  async send<T>(request: ForwardBackwardRequest, call: (call: HttpCall) => Promise<T>): Promise<T> {
    const encoding = this.#current;
    try {
      const answer = await call(this.#call(request, encoding));
      this.#confirmed = true;
      return answer;
    } catch (error) {
      const doubt = !this.#confirmed && TinkerError.isInstance(error) && NOT_READ.has(error.status ?? 0);
      if (!doubt) throw error;
      const other = encoding === "json" ? "protobuf" : "json";
      try {
        const answer = await call(this.#call(request, other));
        this.#current = other;
        this.#confirmed = true;
        return answer;
      } catch {
        // Both are refused, so the encoding is not the reason; the first answer is the telling one.
        throw error;
      }
    }
  }

  #call(request: ForwardBackwardRequest, encoding: BodyEncoding): HttpCall {
    if (encoding === "json") {
      const { path, body } = forwardBackwardJson(request);
      return { path, body };
    }
    const bytes = encodeForwardBackwardRequest(request);
    const compressed = this.#compress ? compressZstd(bytes) : undefined;
    return {
      path: "forward_backward",
      body: compressed ?? bytes,
      contentType: PROTOBUF,
      ...(compressed && { headers: { "content-encoding": "zstd" } }),
    };
  }
}
