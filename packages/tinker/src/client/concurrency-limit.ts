/** Lets at most so many works run at once; the others wait in the order in which they came. */
export class ConcurrencyLimit {
  readonly most: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(most: number) {
    this.most = most;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place goes on to the next one without ever being free, or a newcomer would overtake it.
      if (next) next();
      else this.#running--;
    }
  }
}
