import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SeededStream } from "@armature/engine";

/** What the server does with one request. */
export type Behaviour =
  | {
      readonly kind: "answer";
      /** Texts of the choices; by default one for each of the request's `n`. */
      readonly texts?: readonly string[];
      /** Laid over the reply's own fields. */
      readonly reply?: Readonly<Record<string, unknown>>;
      readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
    }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
    }
  /** No reply, ever. */
  | { readonly kind: "hang" }
  /** Status 200 and a body that is no JSON. */
  | { readonly kind: "garbage" }
  /** Half a reply, then the connection ends. */
  | { readonly kind: "cut" }
  /** The connection ends without a reply. */
  | { readonly kind: "drop" };

/** The body of a request as far as tests look at it. */
export interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly n?: number;
  readonly [field: string]: unknown;
}

/** A request as it came in; `index` counts from 0. */
export interface ChatRequest {
  readonly index: number;
  readonly body: ChatBody;
  readonly headers: IncomingMessage["headers"];
  /** The client's end of the connection. */
  readonly remotePort: number | undefined;
}

export interface ChatServerOptions {
  /** Default: answers every request. */
  readonly behave?: (request: ChatRequest) => Behaviour;
  /** Text of an answer where the behaviour gives none. Default `ok`. */
  readonly answer?: (body: ChatBody) => string;
  /** Wait before each reply, in milliseconds. Default 0. */
  readonly latencyMs?: number;
  /** Keeps the requests; off for long measurements. Default true. */
  readonly record?: boolean;
}

/** A real server of chat completions on 127.0.0.1 that fails as it is told, for tests and measurements. */
export class ChatServer {
  readonly requests: ChatRequest[] = [];
  /** Requests that were answered, the tokens they took, and the most that were under way at once. */
  readonly stats = { received: 0, answered: 0, promptTokens: 0, completionTokens: 0, peak: 0 };
  readonly #options: ChatServerOptions;
  readonly #server: Server;
  #underWay = 0;

  private constructor(options: ChatServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.#receive(request, response));
  }

  static async start(options: ChatServerOptions = {}, port = 0): Promise<ChatServer> {
    const chat = new ChatServer(options);
    await new Promise<void>((resolve, reject) => {
      chat.#server.once("error", reject);
      chat.#server.listen(port, "127.0.0.1", () => resolve());
    });
    return chat;
  }

  /** Base URL for clients. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const text = Buffer.concat(parts).toString("utf8");
      const body = JSON.parse(text === "" ? "{}" : text) as ChatBody;
      const received: ChatRequest = {
        index: this.stats.received++,
        body,
        headers: request.headers,
        remotePort: request.socket.remotePort,
      };
      if (this.#options.record !== false) this.requests.push(received);
      this.stats.peak = Math.max(this.stats.peak, ++this.#underWay);
      response.once("close", () => this.#underWay--);
      const behaviour = this.#options.behave?.(received) ?? { kind: "answer" };
      if (behaviour.kind === "hang") return;
      const { latencyMs = 0 } = this.#options;
      if (latencyMs > 0) setTimeout(() => this.#reply(behaviour, received, response), latencyMs);
      else this.#reply(behaviour, received, response);
    });
  }

  #reply(
    behaviour: Exclude<Behaviour, { kind: "hang" }>,
    { body, index }: ChatRequest,
    response: ServerResponse,
  ): void {
    switch (behaviour.kind) {
      case "status": {
        const {
          status,
          headers = {},
          body: content = { error: { message: `status ${status}` } },
        } = behaviour;
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(typeof content === "string" ? content : JSON.stringify(content));
        return;
      }
      case "garbage":
        response.writeHead(200, { "content-type": "application/json" });
        response.end("<html>upstream said no");
        return;
      case "drop":
        response.socket?.destroy();
        return;
      case "cut": {
        const whole = JSON.stringify(this.#completion({ kind: "answer" }, body, index));
        response.writeHead(200, { "content-length": String(Buffer.byteLength(whole)) });
        response.write(whole.slice(0, whole.length / 2), () => response.socket?.destroy());
        return;
      }
      case "answer": {
        const completion = this.#completion(behaviour, body, index);
        this.stats.answered++;
        this.stats.promptTokens += completion.usage.prompt_tokens;
        this.stats.completionTokens += completion.usage.completion_tokens;
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(completion));
      }
    }
  }

  #completion(
    { texts, reply, usage }: Extract<Behaviour, { kind: "answer" }>,
    body: ChatBody,
    index: number,
  ) {
    const said = texts ?? Array.from({ length: body.n ?? 1 }, () => this.#options.answer?.(body) ?? "ok");
    return {
      id: `reply-${index}`,
      object: "chat.completion",
      created: 0,
      model: body.model,
      choices: said.map((content, i) => ({
        index: i,
        message: { role: "assistant", content },
        finish_reason: "stop",
      })),
      usage: usage ?? {
        prompt_tokens: tokens(body.messages.map(({ content }) => content).join(" ")),
        completion_tokens: tokens(said.join(" ")),
      },
      ...reply,
    };
  }
}

/** Words stand for tokens. */
const tokens = (text: string): number => text.split(" ").length;

/** Shares of requests that go wrong, each 0 to 1. */
export interface FaultShares {
  readonly rateLimited?: number;
  readonly failed?: number;
  readonly hang?: number;
  readonly garbage?: number;
  readonly cut?: number;
}

/** Faults drawn for each request from a seed; the rest is answered. `retryAfterMs` stands on refusals for rate. */
export function faultMix(
  seed: number,
  shares: FaultShares,
  retryAfterMs = 20,
): (request: ChatRequest) => Behaviour {
  const stream = new SeededStream(seed, "faults");
  const { rateLimited = 0, failed = 0, hang = 0, garbage = 0, cut = 0 } = shares;
  const faults: readonly (readonly [number, Behaviour])[] = [
    [rateLimited, { kind: "status", status: 429, headers: { "retry-after-ms": String(retryAfterMs) } }],
    [failed, { kind: "status", status: 500 }],
    [hang, { kind: "hang" }],
    [garbage, { kind: "garbage" }],
    [cut, { kind: "cut" }],
  ];
  return () => {
    let draw = stream.next();
    for (const [share, behaviour] of faults) {
      if (draw < share) return behaviour;
      draw -= share;
    }
    return { kind: "answer" };
  };
}
