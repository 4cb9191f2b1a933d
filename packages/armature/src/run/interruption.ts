import type { EventEmitter } from "node:events";

/** What a shell shows for a program that Ctrl-C ended (128 + SIGINT). */
export const INTERRUPTED_EXIT_CODE = 130;

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Ctrl-C in two steps: the first asks the loop to finish its step, save and stop; the second ends the process at once, and
 * loses only what was not committed. `source` and `exit` are the process's own unless a test gives others.
 */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #source: EventEmitter;
  readonly #onSignal: () => void;

  constructor(
    announce: (line: string) => void,
    source: EventEmitter = process,
    exit: (code: number) => void = process.exit,
  ) {
    this.#source = source;
    this.#onSignal = () => {
      if (this.stopRequested) return exit(INTERRUPTED_EXIT_CODE);
      this.#controller.abort();
      announce("stopping after this step and saving; press Ctrl-C again to stop at once");
    };
    for (const signal of SIGNALS) source.on(signal, this.#onSignal);
  }

  get stopRequested(): boolean {
    return this.#controller.signal.aborted;
  }

  /** For what can be abandoned half-way. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Gives the signals back to their default. */
  dispose(): void {
    for (const signal of SIGNALS) this.#source.off(signal, this.#onSignal);
  }
}
