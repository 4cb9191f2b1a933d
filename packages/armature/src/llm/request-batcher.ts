interface Waiting<Q, R> {
  readonly request: Q;
  resolve(result: R): void;
  reject(error: unknown): void;
  gone: boolean;
}

/**
 * Gathers single requests into batches: what comes within one turn of the event loop, or while a batch runs, goes together.
 * One batch runs at a time. A batch that fails is asked again one by one, so that a bad request fails alone.
 */
export class RequestBatcher<Q, R> {
  readonly #most: number;
  readonly #run: (requests: readonly Q[]) => Promise<readonly R[]>;
  #queue: Waiting<Q, R>[] = [];
  #busy = false;

  constructor(most: number, run: (requests: readonly Q[]) => Promise<readonly R[]>) {
    this.#most = most;
    this.#run = run;
  }

  /** Rejects with the signal's reason at once; a request that still waits is then not run. */
  add(request: Q, signal?: AbortSignal): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const settled = (): void => signal?.removeEventListener("abort", onAbort);
      const waiting: Waiting<Q, R> = {
        request,
        gone: false,
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (error) => {
          settled();
          reject(error as Error);
        },
      };
      const onAbort = (): void => {
        waiting.gone = true;
        reject(signal!.reason as Error);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#queue.push(waiting);
      if (!this.#busy) {
        this.#busy = true;
        setImmediate(() => void this.#drain());
      }
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#most).filter(({ gone }) => !gone);
      if (batch.length > 0) await this.#answer(batch);
    }
    this.#busy = false;
  }

  async #answer(batch: readonly Waiting<Q, R>[]): Promise<void> {
    try {
      const results = await this.#run(batch.map(({ request }) => request));
      for (const [i, waiting] of batch.entries()) waiting.resolve(results[i]!);
    } catch (error) {
      if (batch.length === 1) return batch[0]!.reject(error);
      for (const waiting of batch) await this.#answer([waiting]);
    }
  }
}
