import { TinkerError } from "../errors.ts";
import type { SampleRequest, SampleResult } from "../sampling.ts";
import type { Sampler } from "../training-model.ts";

/** Requests that a client wants computed side by side, as one call of `sampleMany` would. */
export interface SampleBatch {
  readonly id: string;
  readonly size: number;
}

/** What a client of this toolkit says beside a request of the protocol. */
export interface SampleHints {
  readonly batch?: SampleBatch | undefined;
  /** The first prompt token whose logprob is wanted; those before it may be NaN. */
  readonly logprobsFrom?: number | undefined;
}

interface Waiting {
  readonly request: SampleRequest;
  readonly logprobsFrom: number;
  readonly resolve: (result: SampleResult) => void;
  readonly reject: (error: unknown) => void;
}

/** How long the rest of a batch is waited for. */
const BATCH_WAIT_MS = 2000;

/**
 * Turns requests that arrive one by one into batches: what arrives while a batch is computed makes up the next one.
 * Requests of a named batch wait for each other, so that they are computed exactly as in one call.
 */
export class SampleBatcher {
  readonly #sampler: Sampler;
  readonly #single: Waiting[] = [];
  readonly #batches = new Map<string, { size: number; waiting: Waiting[]; timer: NodeJS.Timeout }>();
  readonly #ready: Waiting[][] = [];
  #running = false;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  sample(request: SampleRequest, { batch, logprobsFrom = 0 }: SampleHints = {}): Promise<SampleResult> {
    return new Promise((resolve, reject) => {
      const waiting = { request, logprobsFrom, resolve, reject };
      if (batch) this.#join(batch, waiting);
      else this.#single.push(waiting);
      // Requests that arrived in the same turn of the event loop are computed together.
      setImmediate(() => void this.#run());
    });
  }

  #join({ id, size }: SampleBatch, waiting: Waiting): void {
    let batch = this.#batches.get(id);
    if (!batch) {
      const timer = setTimeout(() => this.#release(id), BATCH_WAIT_MS);
      timer.unref();
      batch = { size, waiting: [], timer };
      this.#batches.set(id, batch);
    }
    batch.waiting.push(waiting);
    if (batch.waiting.length >= batch.size) this.#release(id);
  }

  #release(id: string): void {
    const batch = this.#batches.get(id);
    if (!batch) return;
    clearTimeout(batch.timer);
    this.#batches.delete(id);
    this.#ready.push(batch.waiting);
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#next(); next; next = this.#next()) await this.#compute(next);
    this.#running = false;
  }

  #next(): Waiting[] | undefined {
    if (this.#ready.length > 0) return this.#ready.shift();
    return this.#single.length > 0 ? this.#single.splice(0) : undefined;
  }

  async #compute(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#answer(batch);
      batch.forEach(({ resolve }, i) => {
        resolve(results[i]!);
      });
    } catch (error) {
      // One wrong request must not fail those that came with it.
      if (batch.length > 1 && TinkerError.isInstance(error) && error.kind === "user")
        for (const one of batch) await this.#compute([one]);
      else for (const { reject } of batch) reject(error);
    }
  }

  /** Prompt logprobs come from the trainer's forward pass, the quantity that training compares with. */
  async #answer(batch: readonly Waiting[]): Promise<readonly SampleResult[]> {
    const scored = batch.filter(({ request }) => request.options.promptLogprobs);
    const from = scored.map(({ logprobsFrom }) => logprobsFrom);
    const [sampled, rows] = await Promise.all([
      this.#sampler.sampleMany(
        batch.map(({ request }) => {
          const { promptLogprobs: _, ...options } = request.options;
          return { prompt: request.prompt, options };
        }),
      ).result,
      scored.length === 0
        ? []
        : this.#sampler.logprobsMany(
            scored.map(({ request }) => request.prompt),
            { from },
          ).result,
    ]);
    return sampled.map((result, i) => {
      const row = rows[scored.indexOf(batch[i]!)];
      return row ? { ...result, promptLogprobs: [null, ...row.subarray(1)] } : result;
    });
  }
}
