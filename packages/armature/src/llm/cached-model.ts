import type { AnswerLog } from "./answer-log.ts";
import {
  type CallOptions,
  type Completion,
  type CompletionRequest,
  type LanguageModel,
  NO_USAGE,
} from "./language-model.ts";
import { requestKey } from "./request-key.ts";

/** A question under way, and who waits for it. */
interface Flight {
  readonly answer: Promise<Completion>;
  readonly call: AbortController;
  waiting: number;
  /** True once someone was given the usage: it is counted once. */
  counted: boolean;
}

/**
 * Answers equal requests out of an answer log, and logs what it has to ask. Equal requests that come while one is under way
 * wait for its answer; it is cancelled when none of them wants it any more. Failures are not logged: they are asked again.
 */
export class CachedModel implements LanguageModel {
  readonly id: string;
  readonly #model: LanguageModel;
  readonly #log: AnswerLog;
  readonly #flights = new Map<string, Flight>();
  /** All that were started and have not ended, cancelled ones included. */
  readonly #underWay = new Set<Flight>();

  /** The log is not closed with the model: several models may share it. */
  constructor(model: LanguageModel, log: AnswerLog) {
    this.id = model.id;
    this.#model = model;
    this.#log = log;
  }

  async complete(request: CompletionRequest, options: CallOptions = {}): Promise<Completion> {
    options.signal?.throwIfAborted();
    const key = requestKey(this.id, request);
    const logged = this.#log.answer(key);
    if (logged) return { choices: logged.choices, usage: NO_USAGE };
    return this.#wait(this.#flights.get(key) ?? this.#start(key, request, options), options.signal);
  }

  /** Cancels what is under way and waits for it, so that nothing writes to the log afterwards. */
  async close(): Promise<void> {
    const flights = [...this.#underWay];
    for (const { call } of flights) call.abort(new Error(`${this.id}: the model was closed`));
    await Promise.allSettled(flights.map(({ answer }) => answer));
    await this.#model.close?.();
  }

  #start(key: string, request: CompletionRequest, options: CallOptions): Flight {
    const call = new AbortController();
    const answer = this.#ask(key, request, { ...options, signal: call.signal });
    const flight = { answer, call, waiting: 0, counted: false };
    this.#flights.set(key, flight);
    this.#underWay.add(flight);
    const landed = (): void => {
      this.#underWay.delete(flight);
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    answer.then(landed, landed);
    return flight;
  }

  async #ask(key: string, request: CompletionRequest, options: CallOptions): Promise<Completion> {
    const completion = await this.#model.complete(request, options);
    this.#log.add({ key, model: this.id, request, ...completion });
    return completion;
  }

  #wait(flight: Flight, signal: AbortSignal | undefined): Promise<Completion> {
    flight.waiting++;
    return new Promise((resolve, reject) => {
      let left = false;
      const leave = (): void => {
        left = true;
        reject(signal!.reason as Error);
        if (--flight.waiting > 0) return;
        // Whoever asks the same from now on must not be given a cancelled call.
        for (const [key, other] of this.#flights) if (other === flight) this.#flights.delete(key);
        flight.call.abort(signal!.reason);
      };
      signal?.addEventListener("abort", leave, { once: true });
      const settled = (): void => signal?.removeEventListener("abort", leave);
      flight.answer.then(
        ({ choices, usage }) => {
          if (left) return;
          settled();
          resolve({ choices, usage: flight.counted ? NO_USAGE : usage });
          flight.counted = true;
        },
        (error: unknown) => {
          settled();
          reject(error as Error);
        },
      );
    });
  }
}
