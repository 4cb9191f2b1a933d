import { SeededStream } from "@armature/engine";
import type { CallOptions, Completion, CompletionRequest, LanguageModel } from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";
import { wait } from "./wait.ts";

/** How often, and how long in between. */
export interface RetrySettings {
  /** Tries after the first one. Default 5. */
  readonly retries?: number;
  /** Longest wait before the first retry, in milliseconds; it doubles with each. Default 500. */
  readonly baseMs?: number;
  /** Longest wait of all. Default 30,000. */
  readonly maxMs?: number;
  /** A server that asks for a longer wait than this is not asked again. Default 120,000. */
  readonly maxRetryAfterMs?: number;
  /** Of the jitter. Default 0. */
  readonly seed?: number;
}

/**
 * Tries again what may pass, after a wait drawn evenly from zero to a bound that doubles ("full jitter": the clients of one
 * busy server do not come back together). A wait that the server asked for is kept, and the jitter added to it.
 */
export class RetryingModel implements LanguageModel {
  readonly id: string;
  readonly #model: LanguageModel;
  readonly #settings: Required<RetrySettings>;
  readonly #jitter: SeededStream;

  constructor(model: LanguageModel, settings: RetrySettings = {}) {
    const { retries = 5, baseMs = 500, maxMs = 30_000, maxRetryAfterMs = 120_000, seed = 0 } = settings;
    this.id = model.id;
    this.#model = model;
    this.#settings = { retries, baseMs, maxMs, maxRetryAfterMs, seed };
    this.#jitter = new SeededStream(seed, "retry", model.id);
  }

  async complete(request: CompletionRequest, options: CallOptions = {}): Promise<Completion> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#model.complete(request, options);
      } catch (error) {
        if (!this.#mayPass(error, attempt)) throw error;
        await wait(this.#pause(attempt, error.retryAfterMs), options.signal);
      }
    }
  }

  async close(): Promise<void> {
    await this.#model.close?.();
  }

  #mayPass(error: unknown, attempt: number): error is ModelCallError {
    const { retries, maxRetryAfterMs } = this.#settings;
    return (
      ModelCallError.isInstance(error) &&
      error.retryable &&
      attempt < retries &&
      (error.retryAfterMs ?? 0) <= maxRetryAfterMs
    );
  }

  #pause(attempt: number, retryAfterMs = 0): number {
    const { baseMs, maxMs } = this.#settings;
    return retryAfterMs + this.#jitter.next() * Math.min(maxMs, baseMs * 2 ** attempt);
  }
}
