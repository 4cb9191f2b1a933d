import type { SampledSequence, TokenLogprob } from "@armature/tinker";
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
  /** Alternatives kept for each token. */
  readonly topLogprobs: number;
  readonly #stop: StopCondition;
  readonly #tokens: number[] = [];
  readonly #logprobs: number[] = [];
  readonly #alternatives: (readonly TokenLogprob[])[] = [];
  #stopped = false;

  constructor(
    promptLength: number,
    maxTokens: number,
    choice: TokenChoice,
    stop: StopCondition,
    stream: SeededStream,
    topLogprobs = 0,
  ) {
    this.topLogprobs = topLogprobs;
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

  /** `alternatives` where `topLogprobs` asks for them. */
  push(token: number, logprob: number, alternatives: readonly TokenLogprob[] = []): void {
    this.#tokens.push(token);
    this.#logprobs.push(logprob);
    if (this.topLogprobs > 0) this.#alternatives.push(alternatives);
    this.#stopped = this.#stop.reached(token);
  }

  result(): SampledSequence {
    return {
      tokens: Int32Array.from(this.#tokens),
      logprobs: Float32Array.from(this.#logprobs),
      stopReason: this.#stopped ? "stop" : "length",
      ...(this.topLogprobs > 0 && { topLogprobs: this.#alternatives }),
    };
  }
}
