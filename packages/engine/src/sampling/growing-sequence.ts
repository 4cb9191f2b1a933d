import type { SampledSequence } from "@armature/tinker";
import type { SeededStream } from "../random/seeded-stream.ts";
import type { TokenChoice } from "./next-token.ts";
import type { StopCondition } from "./stop-condition.ts";

/** A sequence while it is sampled. */
export class GrowingSequence {
  readonly promptLength: number;
  readonly maxTokens: number;
  readonly choice: TokenChoice;
  /** Its own randomness: what else is in the batch does not matter. */
  readonly stream: SeededStream;
  readonly #stop: StopCondition;
  readonly #tokens: number[] = [];
  readonly #logprobs: number[] = [];
  #stopped = false;

  constructor(
    promptLength: number,
    maxTokens: number,
    choice: TokenChoice,
    stop: StopCondition,
    stream: SeededStream,
  ) {
    this.promptLength = promptLength;
    this.choice = choice;
    this.stream = stream;
    this.maxTokens = maxTokens;
    this.#stop = stop;
  }

  get lastToken(): number {
    return this.#tokens.at(-1)!;
  }

  get isFinished(): boolean {
    return this.#stopped || this.#tokens.length === this.maxTokens;
  }

  push(token: number, logprob: number): void {
    this.#tokens.push(token);
    this.#logprobs.push(logprob);
    this.#stopped = this.#stop.reached(token);
  }

  result(): SampledSequence {
    return {
      tokens: Int32Array.from(this.#tokens),
      logprobs: Float32Array.from(this.#logprobs),
      stopReason: this.#stopped ? "stop" : "length",
    };
  }
}
