import { TinkerError } from "../errors.ts";

interface Waiting {
  readonly start: () => void;
  readonly fail: (error: TinkerError) => void;
}

/**
 * Starts the requests of one model in the order of their sequence numbers 1, 2, 3 …, whatever order they arrive in (clients
 * send the chunks of one call side by side). A number that stays missing fails those that wait for it, clearly and in
 * time; they may be sent again. Number 0 may come before all others: it loads the weights of a new model.
 */
export class RequestOrder {
  readonly #gapTimeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #started = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(gapTimeoutMs: number) {
    this.#gapTimeoutMs = gapTimeoutMs;
  }

  /** True until a request was started. */
  get isFresh(): boolean {
    return !this.#started;
  }

  /** The number that is started next. */
  get next(): number {
    return this.#next;
  }

  /** `start` is called at once or when all earlier numbers were started; `fail` where one of them does not arrive. */
  submit(seqId: number, start: () => void, fail: (error: TinkerError) => void): void {
    if (seqId === 0 && this.isFresh) {
      this.#started = true;
      start();
      return;
    }
    if (seqId < this.#next) {
      const sent = seqId === 0 ? "0 comes before all others only" : `${seqId} was used already`;
      fail(new TinkerError("user", `seq_id ${sent}; the next of this model is ${this.#next}`));
      return;
    }
    this.#waiting.set(seqId, { start, fail });
    this.#startReady();
  }

  /** Fails what still waits. */
  close(reason: string): void {
    this.#failAll(new TinkerError("cancelled", reason));
  }

  #startReady(): void {
    for (let ready = this.#waiting.get(this.#next); ready; ready = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next);
      this.#next++;
      this.#started = true;
      ready.start();
      this.#stopTimer();
    }
    if (this.#waiting.size === 0 || this.#timer) return;
    this.#timer = setTimeout(() => this.#giveUp(), this.#gapTimeoutMs);
    this.#timer.unref();
  }

  #giveUp(): void {
    const numbers = [...this.#waiting.keys()].sort((a, b) => a - b).join(", ");
    this.#failAll(
      new TinkerError(
        "user",
        `seq_id ${numbers} waited ${this.#gapTimeoutMs / 1000} s for seq_id ${this.#next}, which did not arrive; send it, then these again`,
        { retryable: true },
      ),
    );
  }

  #failAll(error: TinkerError): void {
    this.#stopTimer();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { fail } of waiting) fail(error);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
