import { RateBucket } from "./rate-bucket.ts";

/** Limits of one endpoint, shared by all models behind it. */
export interface LimiterSettings {
  /** Most requests under way, at least 1. */
  readonly concurrency: number;
  readonly requestsPerMinute?: number | undefined;
  /** Tokens of prompts and answers. */
  readonly tokensPerMinute?: number | undefined;
}

/** Leave to send one request. Exactly one `release` gives it back. */
export interface Permit {
  readonly epoch: number;
  readonly tokens: number;
}

/** How a request ended: answered (with the tokens it took), refused for load, or neither. */
export type RequestEnd =
  | { readonly kind: "answered"; readonly tokens: number }
  | { readonly kind: "overload"; readonly pauseMs: number }
  | { readonly kind: "other" };

interface Waiting {
  readonly tokens: number;
  readonly signal: AbortSignal | undefined;
  resolve(permit: Permit): void;
  /** Listens to the signal while it waits. */
  cancel: (() => void) | undefined;
}

/** Requests under way at the start; they double with each round that is answered. */
const FIRST_WINDOW = 16;
/** What remains of the window after an overload. */
const DECREASE = 0.7;
/** Refusals that are taken as noise, as a share of a window. */
const TOLERATED = 0.1;
/** A server that asks for a longer pause holds up the queue for this long only; what comes then is refused again. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * Lets requests through in the order they came, as many at once as the endpoint bears: the window doubles at first (slow
 * start), grows by one a round after the first overload, and shrinks to 0.7 when more than a tenth of a window's requests
 * were refused (AIMD). Refusals of requests that were sent before the last decrease count no more. A pause that the server
 * asks for stops everything.
 */
export class AdaptiveLimiter {
  readonly #most: number;
  readonly #requests: RateBucket | null;
  readonly #tokens: RateBucket | null;
  readonly #now: () => number;
  #window: number;
  #slowStart = true;
  #inFlight = 0;
  #epoch = 0;
  #ended = 0;
  #refused = 0;
  #pausedUntil = 0;
  #queue: Waiting[] = [];
  #head = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `now` is in milliseconds and never runs backwards. */
  constructor(settings: LimiterSettings, now: () => number = () => performance.now()) {
    const { concurrency, requestsPerMinute, tokensPerMinute } = settings;
    this.#now = now;
    this.#most = concurrency;
    this.#window = Math.min(concurrency, FIRST_WINDOW);
    this.#requests = requestsPerMinute === undefined ? null : new RateBucket(requestsPerMinute, now());
    this.#tokens = tokensPerMinute === undefined ? null : new RateBucket(tokensPerMinute, now());
  }

  /** Requests that may be under way now. */
  get window(): number {
    return Math.floor(this.#window);
  }

  /** Waits for its turn. Rejects with the signal's reason. `tokens` is what the request is expected to take. */
  acquire(tokens: number, signal?: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const waiting: Waiting = { tokens, signal, resolve, cancel: undefined };
      this.#queue.push(waiting);
      this.#pump();
      // Listening costs more than all the rest, and most requests are let through at once.
      if (signal === undefined || this.#head === this.#queue.length) return;
      waiting.cancel = () => reject(signal.reason as Error);
      signal.addEventListener("abort", waiting.cancel, { once: true });
    });
  }

  release(permit: Permit, end: RequestEnd): void {
    this.#inFlight--;
    this.#adapt(permit, end);
    if (this.#tokens) {
      // What a refused or lost request took is unknown, so its tokens stay taken.
      if (end.kind === "answered") this.#tokens.giveBack(permit.tokens - end.tokens);
    }
    this.#pump();
  }

  #adapt(permit: Permit, end: RequestEnd): void {
    if (end.kind === "overload" && end.pauseMs > 0)
      this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + Math.min(end.pauseMs, LONGEST_PAUSE_MS));
    if (permit.epoch !== this.#epoch || end.kind === "other") return;
    if (++this.#ended > this.#window) {
      this.#ended = 1;
      this.#refused = 0;
    }
    if (end.kind === "answered") {
      this.#window = Math.min(this.#most, this.#window + (this.#slowStart ? 1 : 1 / this.#window));
    } else if (++this.#refused > this.#window * TOLERATED) {
      this.#window = Math.max(1, this.#window * DECREASE);
      this.#slowStart = false;
      this.#epoch++;
      this.#ended = 0;
      this.#refused = 0;
    }
  }

  #pump(): void {
    while (this.#head < this.#queue.length) {
      const first = this.#queue[this.#head]!;
      if (first.signal?.aborted) {
        this.#shift();
        continue;
      }
      if (this.#inFlight >= this.window) return;
      const now = this.#now();
      const pause = Math.max(
        this.#pausedUntil - now,
        this.#requests?.waitFor(1, now) ?? 0,
        this.#tokens?.waitFor(first.tokens, now) ?? 0,
      );
      if (pause > 0) {
        this.#pumpIn(pause);
        return;
      }
      this.#requests?.take(1, now);
      this.#tokens?.take(first.tokens, now);
      this.#inFlight++;
      this.#shift();
      if (first.cancel) first.signal?.removeEventListener("abort", first.cancel);
      first.resolve({ epoch: this.#epoch, tokens: first.tokens });
    }
  }

  #pumpIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pump(), Math.ceil(milliseconds));
  }

  /** Takes the first of the queue; the array is shortened now and then, which is cheaper than each time. */
  #shift(): void {
    if (++this.#head < 1024) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}
