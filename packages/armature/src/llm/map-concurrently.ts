import { setMaxListeners } from "node:events";

/** How many at once, and who may end it. */
export interface ConcurrentMapOptions<R> {
  /** Most calls of `work` that run at the same time, at least 1. */
  readonly concurrency: number;
  /** Ends the map early; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called as each result comes, in order of completion: for logs that grow, and for progress. */
  readonly onResult?: (result: R, index: number) => void;
}

/**
 * Results of `work` for all items, in the items' order. The first failure aborts the signal that the others were given,
 * starts nothing further, and is thrown once all that ran have ended, so nothing goes on behind the caller's back.
 */
export async function mapConcurrently<T, R>(
  items: Iterable<T>,
  work: (item: T, index: number, signal: AbortSignal) => Promise<R>,
  { concurrency, signal, onResult }: ConcurrentMapOptions<R>,
): Promise<R[]> {
  signal?.throwIfAborted();
  const siblings = new AbortController();
  // Each of many calls listens to the one signal; that is no leak.
  setMaxListeners(0, siblings.signal);
  const forward = (): void => siblings.abort(signal?.reason);
  signal?.addEventListener("abort", forward, { once: true });
  const results: R[] = [];
  const source = items[Symbol.iterator]();
  let next = 0;
  let failure: { readonly error: unknown } | undefined;

  async function worker(): Promise<void> {
    while (!siblings.signal.aborted) {
      const { value, done } = source.next();
      if (done) return;
      const index = next++;
      const result = await work(value, index, siblings.signal);
      results[index] = result;
      onResult?.(result, index);
    }
  }
  async function guarded(): Promise<void> {
    try {
      await worker();
    } catch (error) {
      failure ??= { error };
      siblings.abort(error);
    }
  }

  try {
    await Promise.all(Array.from({ length: Math.max(1, concurrency) }, guarded));
  } finally {
    signal?.removeEventListener("abort", forward);
  }
  signal?.throwIfAborted();
  if (failure) throw failure.error;
  return results;
}
