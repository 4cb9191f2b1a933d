import type { CallOptions, Completion, CompletionRequest, LanguageModel } from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";

/** Ends each call after a time with a `timeout` that may be tried again, also where the model does not hear the signal. */
export class DeadlineModel implements LanguageModel {
  readonly id: string;
  readonly #model: LanguageModel;
  readonly #milliseconds: number;

  constructor(model: LanguageModel, milliseconds: number) {
    this.id = model.id;
    this.#model = model;
    this.#milliseconds = milliseconds;
  }

  complete(request: CompletionRequest, options: CallOptions = {}): Promise<Completion> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const call = new AbortController();
      const end = (reason: unknown): void => {
        settle();
        reject(reason as Error);
        call.abort(reason);
      };
      const onAbort = (): void => end(signal!.reason);
      const timer = setTimeout(() => end(this.#timeout()), this.#milliseconds);
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#model.complete(request, { ...options, signal: call.signal }).then(
        (completion) => {
          settle();
          resolve(completion);
        },
        (error: unknown) => {
          settle();
          reject(error as Error);
        },
      );
    });
  }

  async close(): Promise<void> {
    await this.#model.close?.();
  }

  #timeout(): ModelCallError {
    const seconds = Number((this.#milliseconds / 1000).toPrecision(3));
    return new ModelCallError(
      `${this.id}: no answer within ${seconds} s; raise the timeout or lower the load`,
      {
        kind: "timeout",
        retryable: true,
      },
    );
  }
}
