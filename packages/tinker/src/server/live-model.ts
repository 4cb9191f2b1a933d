import type { TrainingModel } from "../training-model.ts";
import type { RunRecord } from "./checkpoint-store.ts";
import type { FutureResult, FutureTable } from "./future-table.ts";
import { RequestOrder } from "./request-order.ts";

/** A model in training: its requests are started in the order of their numbers, each once. */
export class LiveModel {
  readonly run: RunRecord;
  readonly sessionId: string;
  lastRequestAt = Date.now();
  readonly #model: Promise<TrainingModel>;
  readonly #order: RequestOrder;
  readonly #futures: FutureTable;
  #unnumbered = 0;

  constructor(
    run: RunRecord,
    sessionId: string,
    model: Promise<TrainingModel>,
    futures: FutureTable,
    gapTimeoutMs: number,
  ) {
    this.run = run;
    this.sessionId = sessionId;
    this.#model = model;
    // Whoever asks for the result of the creation sees the error.
    model.catch(() => undefined);
    this.#order = new RequestOrder(gapTimeoutMs);
    this.#futures = futures;
  }

  get id(): string {
    return this.run.runId;
  }

  /** Resolves when the model exists; rejects where it could not be made. */
  async created(): Promise<void> {
    await this.#model;
  }

  /**
   * Accepts a request; the result is the id of its future. `work` is called when all earlier numbers were; it must call the
   * model before it waits for anything, or the order is lost. Without a number a request is started at once.
   */
  submit(
    seqId: number | undefined,
    digest: string,
    work: (model: TrainingModel) => Promise<FutureResult>,
  ): string {
    this.lastRequestAt = Date.now();
    if (seqId === undefined)
      return this.#futures.submit(`${this.id}:unnumbered-${this.#unnumbered++}`, digest, () =>
        this.#model.then(work),
      );
    return this.#futures.submit(
      `${this.id}:${seqId}`,
      digest,
      () =>
        new Promise((resolve, reject) => {
          this.#order.submit(seqId, () => this.#model.then(work).then(resolve, reject), reject);
        }),
    );
  }

  async dispose(reason: string): Promise<void> {
    this.#order.close(reason);
    const model = await this.#model.catch(() => undefined);
    await model?.dispose();
  }
}
