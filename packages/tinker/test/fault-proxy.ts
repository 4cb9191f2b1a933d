import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong between client and server. Shares are of all requests, 0 to 1. */
export interface Faults {
  /** Connections cut: half of them before the server hears of the request, half after it answered. */
  readonly dropped?: number;
  /** Polls answered with 500. */
  readonly failedPolls?: number;
  /** Requests that begin a burst of answers 429, and how many requests such a burst takes. */
  readonly bursts?: number;
  readonly burstLength?: number;
  /** Added to each request before it is passed on, in ms. */
  readonly latencyMs?: number;
}

/** What the proxy did. */
export interface FaultCounts {
  requests: number;
  droppedBefore: number;
  droppedAfter: number;
  failedPolls: number;
  tooMany: number;
}

/** A proxy that passes requests to a server and injects faults. */
export class FaultProxy {
  readonly counts: FaultCounts = {
    requests: 0,
    droppedBefore: 0,
    droppedAfter: 0,
    failedPolls: 0,
    tooMany: 0,
  };
  faults: Faults;
  readonly #server: Server;
  readonly #target: () => string;
  readonly #random: () => number;
  #burst = 0;

  private constructor(target: () => string, faults: Faults, random: () => number) {
    this.#target = target;
    this.faults = faults;
    this.#random = random;
    this.#server = createServer((from, to) => void this.#handle(from, to));
  }

  /** `target` is asked for each request: the server may have moved. `random` gives numbers in [0, 1). */
  static async start(target: () => string, faults: Faults, random: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, faults, random);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const { dropped = 0, failedPolls = 0, bursts = 0, burstLength = 5, latencyMs = 0 } = this.faults;
    this.counts.requests++;
    const parts: Buffer[] = [];
    try {
      for await (const part of from) parts.push(part as Buffer);
    } catch {
      return;
    }
    // The same number of draws for every request, so that faults do not depend on each other.
    const [drop, before, poll, burst] = [this.#random(), this.#random(), this.#random(), this.#random()];
    if (drop < dropped && before < 0.5) {
      this.counts.droppedBefore++;
      from.socket.destroy();
      return;
    }
    if (poll < failedPolls && from.url?.endsWith("/retrieve_future")) {
      this.counts.failedPolls++;
      answer(to, 500, "injected");
      return;
    }
    if (burst < bursts) this.#burst = burstLength;
    if (this.#burst > 0) {
      this.#burst--;
      this.counts.tooMany++;
      answer(to, 429, "injected");
      return;
    }
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    this.#pass(from, Buffer.concat(parts), to, drop < dropped);
  }

  #pass(from: IncomingMessage, body: Buffer, to: ServerResponse, cut: boolean): void {
    const headers = { ...from.headers, "content-length": String(body.length) };
    const passed = httpRequest(
      new URL(from.url ?? "/", this.#target()),
      { method: from.method ?? "GET", headers },
      (reply) => {
        if (cut) {
          this.counts.droppedAfter++;
          reply.resume();
          from.socket.destroy();
          return;
        }
        to.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.on("error", () => to.destroy());
        reply.pipe(to);
      },
    );
    passed.on("error", () => from.socket.destroy());
    to.on("close", () => passed.destroy());
    passed.end(body);
  }
}

function answer(to: ServerResponse, status: number, detail: string): void {
  to.writeHead(status, { "content-type": "application/json" });
  to.end(JSON.stringify({ detail }));
}
