/**
 * At most `perMinute` units in any minute. Up to a second's worth may go at once, and the refill is slower by as much, so
 * that a burst and the refill together keep the limit. A cost above the burst waits for a full bucket and leaves a debt.
 */
export class RateBucket {
  readonly #burst: number;
  /** Units a millisecond. */
  readonly #rate: number;
  #level: number;
  #at: number;

  constructor(perMinute: number, now: number) {
    this.#burst = Math.max(1, perMinute / 60);
    this.#rate = (perMinute - (this.#burst - 1)) / 60_000;
    this.#level = this.#burst;
    this.#at = now;
  }

  /** Milliseconds until the cost may be taken; 0 for now. */
  waitFor(cost: number, now: number): number {
    this.#refill(now);
    const missing = Math.min(cost, this.#burst) - this.#level;
    // Rounding must not ask for a wait that is over when it began.
    return missing <= 1e-9 ? 0 : missing / this.#rate;
  }

  take(cost: number, now: number): void {
    this.#refill(now);
    this.#level -= cost;
  }

  /** What was taken and not used after all; negative takes more. */
  giveBack(units: number): void {
    this.#level = Math.min(this.#burst, this.#level + units);
  }

  #refill(now: number): void {
    this.#level = Math.min(this.#burst, this.#level + (now - this.#at) * this.#rate);
    this.#at = now;
  }
}
