/**
 * Batches that are made ahead of the updates that use them. Batch k is started with the weights of exactly max(0, k − staleness)
 * updates, at the moment when they exist: as early as the bound allows, so that a slow judge never keeps the sampler waiting
 * longer than it must, and never on weights that depend on who was faster, so that a run does not depend on timings and can
 * be repeated. `staleness` 0 is the plain loop: a batch is started after the update before it.
 */
export class Pipeline<Batch> {
  readonly #total: number;
  readonly #staleness: number;
  readonly #start: (index: number) => Promise<Batch>;
  readonly #underWay: Map<number, Promise<Batch>>;
  #updates: number;

  /**
   * `start` makes a batch; it takes the model's weights before its first await. `updates` have been done already, and
   * `underWay` are batches that were started before them.
   */
  constructor(
    settings: { readonly total: number; readonly staleness: number; readonly updates: number },
    start: (index: number) => Promise<Batch>,
    underWay: ReadonlyMap<number, Promise<Batch>> = new Map(),
  ) {
    this.#total = settings.total;
    this.#staleness = settings.staleness;
    this.#updates = settings.updates;
    this.#start = start;
    this.#underWay = new Map([...underWay].map(([index, batch]) => [index, observed(batch)]));
    this.#startDue();
  }

  /** The next batch to train on, when it is there. Rejects where making it has failed. */
  next(): Promise<Batch> {
    return this.#underWay.get(this.#updates)!;
  }

  /** To be called when the update on the batch of `next` has been given to the model. */
  updated(): void {
    this.#underWay.delete(this.#updates);
    this.#updates += 1;
    this.#startDue();
  }

  /** Resolves when all that was started has come to its end, good or bad. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
  }

  #startDue(): void {
    const last = Math.min(this.#updates + this.#staleness, this.#total - 1);
    for (let index = this.#updates; index <= last; index++) {
      if (!this.#underWay.has(index)) this.#underWay.set(index, observed(this.#start(index)));
    }
  }
}

/** A promise that may fail long before it is asked for, which must not end the process. */
export function observed<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
