import { TinkerError } from "@armature/tinker";

/** Text of a run of tokens. It may end in U+FFFD where a character is not complete yet. */
export type DecodeText = (tokens: readonly number[]) => string;

/** Watches one sequence for its stop tokens or stop strings. */
export interface StopCondition {
  /** Takes the next token. True where the sequence ends with it. */
  reached(token: number): boolean;
}

const never: StopCondition = { reached: () => false };

/**
 * The condition of a request's `stop`. Stop strings need the tokenizer's `decodeText`; where it is missing the error says
 * so.
 */
export function stopCondition(
  stop: readonly string[] | readonly number[] | undefined,
  decodeText: DecodeText | undefined,
): StopCondition {
  if (!stop || stop.length === 0) return never;
  if (isTokens(stop)) {
    const tokens = new Set(stop);
    return { reached: (token) => tokens.has(token) };
  }
  if (stop.includes("")) throw new TinkerError("user", "stop: a stop string is empty; remove it");
  if (!decodeText)
    throw new TinkerError(
      "user",
      "stop: strings need the model's tokenizer; load one, or give stop token ids",
    );
  return new StopStrings(stop, decodeText);
}

function isTokens(stop: readonly string[] | readonly number[]): stop is readonly number[] {
  return typeof stop[0] === "number";
}

/**
 * Finds stop strings across the borders of tokens. Text grows by the difference of two short decodings, the last tokens
 * with and without the new ones, because a tokenizer may drop the space at the start of what it decodes. Tokens that end
 * within a character wait for the rest of it.
 */
class StopStrings implements StopCondition {
  readonly #stops: readonly string[];
  readonly #decodeText: DecodeText;
  readonly #longest: number;
  /** The end of the settled text, as much as a stop string can reach back into. */
  #tail = "";
  /** Tokens whose text is settled; they give the new ones their context. */
  #context: number[] = [];
  #waiting: number[] = [];

  constructor(stops: readonly string[], decodeText: DecodeText) {
    this.#stops = stops;
    this.#decodeText = decodeText;
    this.#longest = Math.max(...stops.map((text) => text.length));
  }

  reached(token: number): boolean {
    this.#waiting.push(token);
    const before = this.#decodeText(this.#context);
    const added = this.#decodeText([...this.#context, ...this.#waiting]).slice(before.length);
    const text = this.#tail + added;
    if (this.#stops.some((stop) => text.includes(stop))) return true;
    if (added !== "" && !added.endsWith("\uFFFD")) {
      this.#tail = this.#longest > 1 ? text.slice(1 - this.#longest) : "";
      this.#context = this.#waiting;
      this.#waiting = [];
    }
    return false;
  }
}
