import { TinkerError } from "../errors.ts";
import { HttpFault } from "./http-fault.ts";

/** What a finished request gives: JSON, and where the protocol has a binary form of it, that too. */
export interface FutureResult {
  readonly json: () => object;
  readonly protobuf?: () => Uint8Array;
}

/** How a request ended: a value, or an error whose category says whose fault it is. */
export type Outcome =
  | { readonly ok: true; readonly value: FutureResult }
  | { readonly ok: false; readonly error: string; readonly category: "user" | "server" | "unknown" };

interface Entry {
  readonly digest: string;
  readonly settled: Promise<Outcome>;
  /** When it ended or was first fetched, in ms; undefined while it is under way. */
  since?: number;
  fetched: boolean;
  /** The request did nothing and may be sent again under the same id. */
  repeatable: boolean;
}

/** How long results are kept, and how many requests may be under way. */
export interface FutureLimits {
  /** Requests under way at once; more are refused with 429. Default 4096. */
  readonly pending: number;
  /** Results kept at once; the oldest go first, those that were fetched before all others. Default 16,384. */
  readonly results: number;
  /** How long a result is kept that nobody fetched. Default an hour. */
  readonly keepMs: number;
  /** How long a result is kept after it was first fetched: the answer may have been lost on its way. Default two minutes. */
  readonly keepFetchedMs: number;
}

const DEFAULTS: FutureLimits = {
  pending: 4096,
  results: 16_384,
  keepMs: 3_600_000,
  keepFetchedMs: 120_000,
};

/** Requests that were accepted, by their id, until their result has been fetched. */
export class FutureTable {
  readonly #limits: FutureLimits;
  readonly #entries = new Map<string, Entry>();
  #pending = 0;
  #conflicts = 0;

  constructor(limits: Partial<FutureLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /**
   * Starts a request, unless one of this id and digest is known: then nothing is done again. The result is the id to ask
   * for, another one where the id stands for another content: asking for that gives the error.
   * Throws `HttpFault` 429 where too many requests are under way.
   */
  submit(requestId: string, digest: string, start: () => Promise<FutureResult>): string {
    const known = this.#entries.get(requestId);
    if (known && !known.repeatable) {
      if (known.digest === digest) return requestId;
      const conflict = `${requestId}:conflict-${++this.#conflicts}`;
      this.#add(
        conflict,
        digest,
        rejected(`${requestId} was sent before with another content; take a new seq_id`),
      );
      return conflict;
    }
    if (this.#pending >= this.#limits.pending)
      throw new HttpFault(429, `${this.#pending} requests are under way; wait for some of them`, {
        "retry-after": "1",
      });
    this.#expire();
    this.#add(requestId, digest, start());
    return requestId;
  }

  /**
   * The outcome, or undefined where it takes longer than `holdMs` or the signal fires. Throws `HttpFault` 410 for a request
   * that is not known (any more).
   */
  async wait(requestId: string, holdMs: number, signal: AbortSignal): Promise<Outcome | undefined> {
    this.#expire();
    const entry = this.#entries.get(requestId);
    if (!entry) throw new HttpFault(410, `request ${requestId} is not known here (any more); send it again`);
    let stop: () => void = () => undefined;
    const late = new Promise<undefined>((resolve) => {
      const end = () => resolve(undefined);
      const timer = setTimeout(end, holdMs);
      signal.addEventListener("abort", end, { once: true });
      stop = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
      };
    });
    const outcome = await Promise.race([entry.settled, late]);
    stop();
    if (outcome && !entry.fetched) {
      entry.fetched = true;
      entry.since = Date.now();
    }
    return outcome;
  }

  #add(requestId: string, digest: string, work: Promise<FutureResult>): void {
    this.#pending++;
    const settled = work.then(
      (value): Outcome => ({ ok: true, value }),
      (error: unknown): Outcome => {
        entry.repeatable = TinkerError.isInstance(error) && error.retryable;
        return failure(error);
      },
    );
    const entry: Entry = { digest, settled, fetched: false, repeatable: false };
    this.#entries.set(requestId, entry);
    void settled.then(() => {
      this.#pending--;
      entry.since ??= Date.now();
    });
  }

  #expire(): void {
    const { keepFetchedMs, keepMs, results } = this.#limits;
    const now = Date.now();
    for (const [id, { since, fetched }] of this.#entries)
      if (since !== undefined && now - since > (fetched ? keepFetchedMs : keepMs)) this.#entries.delete(id);
    let excess = this.#entries.size - this.#pending - results;
    for (const whichFetched of [true, false])
      for (const [id, { since, fetched }] of this.#entries) {
        if (excess <= 0) return;
        if (since === undefined || fetched !== whichFetched) continue;
        this.#entries.delete(id);
        excess--;
      }
  }
}

/** A request that is refused before anything was done. */
function rejected(why: string): Promise<never> {
  return Promise.reject(new TinkerError("user", why));
}

function failure(error: unknown): Outcome {
  const kind = TinkerError.isInstance(error) ? error.kind : "server";
  return {
    ok: false,
    error: error instanceof Error ? error.message : String(error),
    category: kind === "user" || kind === "server" ? kind : "unknown",
  };
}
