import { TinkerError } from "@armature/tinker";
import type { SeededStream } from "../random/seeded-stream.ts";
import { type KeptTokens, keepTopTokens } from "./token-filter.ts";

/**
 * Next-token distributions of a batch, as the decoder's graphs return them: for row r and token v the weight
 * exp((logit − largest logit) / temperature) at `weights[r * rowStride + v * tokenStride]`. (The graphs return whichever
 * of the two orders they compute faster. Greedy rows have 1 for the temperature.)
 */
export interface TokenDistributions {
  readonly vocabularySize: number;
  readonly weights: Float32Array;
  readonly rowStride: number;
  readonly tokenStride: number;
  /** Tokens of a block; the vocabulary is a whole number of blocks. */
  readonly blockSize: number;
  /** Of row r and block b, at `[r * blockRowStride + b * blockStride]`: the largest logit, and the sum of the weights. */
  readonly blockPeaks: Float32Array;
  readonly blockMasses: Float32Array;
  readonly blockRowStride: number;
  readonly blockStride: number;
  /** Sum of each row's weights. */
  readonly masses: Float32Array;
  /** The same sum at temperature 1. */
  readonly rawMasses: Float32Array;
}

/** How a token is drawn: the fields of `SamplingParams` with their defaults filled in. */
export interface TokenChoice {
  /** 0 takes the most likely token (the first of equals). */
  readonly temperature: number;
  /** −1 keeps all. */
  readonly topK: number;
  readonly topP: number;
}

/** Chooses next tokens, one after the other, in the same scratch space. */
export class NextToken {
  /** The token chosen last. */
  token = -1;
  /** ln p(token) at temperature 1, before top-k and top-p. */
  logprob = Number.NaN;
  readonly #row: Float32Array;
  readonly #kept: KeptTokens = { floor: 0, ties: 0, mass: 0 };

  constructor(vocabularySize: number) {
    this.#row = new Float32Array(vocabularySize);
  }

  /**
   * Chooses for one row: `token` and `logprob` hold the result. Takes one number from the stream, or none where the
   * temperature is 0. Throws where the distribution is not finite.
   */
  choose(from: TokenDistributions, row: number, choice: TokenChoice, stream: SeededStream): void {
    const rawMass = from.rawMasses[row]!;
    if (!(rawMass > 0 && rawMass < Infinity))
      throw new TinkerError(
        "server",
        "the model's logits are not finite: its weights have diverged or are damaged; go back to a checkpoint",
      );
    const { temperature } = choice;
    this.token = temperature === 0 ? mostLikely(from, row) : this.#draw(from, row, choice, stream.next());
    const weight = from.weights[row * from.rowStride + this.token * from.tokenStride]!;
    this.logprob = (temperature === 0 ? 1 : temperature) * Math.log(weight) - Math.log(rawMass);
  }

  #draw(from: TokenDistributions, row: number, { topK, topP }: TokenChoice, uniform: number): number {
    const kept = this.#kept;
    kept.floor = 0;
    kept.ties = 0;
    kept.mass = from.masses[row]!;
    let start: BlockStart = { block: 0, before: 0 };
    if (topP < 1 || (topK > 0 && topK < from.vocabularySize)) {
      copyRow(from, row, this.#row);
      keepTopTokens(this.#row, topK, topP, kept);
    } else start = blockOf(from, row, uniform * kept.mass);
    return inverseCumulative(from, row, kept, uniform * kept.mass, start);
  }
}

function mostLikely(from: TokenDistributions, row: number): number {
  const { weights, rowStride, tokenStride, blockSize } = from;
  const start = peakBlock(from, row) * blockSize;
  let best = start;
  let largest = -1;
  let at = row * rowStride + start * tokenStride;
  for (let token = start; token < start + blockSize; token++, at += tokenStride) {
    const weight = weights[at]!;
    if (weight > largest) {
      largest = weight;
      best = token;
    }
  }
  return best;
}

/** The first block that holds the largest logit. */
function peakBlock(
  { blockPeaks, blockRowStride, blockStride, blockSize, vocabularySize }: TokenDistributions,
  row: number,
): number {
  const blocks = vocabularySize / blockSize;
  let best = 0;
  let largest = -Infinity;
  for (let block = 0, at = row * blockRowStride; block < blocks; block++, at += blockStride) {
    const peak = blockPeaks[at]!;
    if (peak > largest) {
      largest = peak;
      best = block;
    }
  }
  return best;
}

/** A block, and the mass of those before it. */
interface BlockStart {
  readonly block: number;
  readonly before: number;
}

/** The block in which the running sum of all weights passes the target: the search may begin there. */
function blockOf(
  { blockMasses, blockRowStride, blockStride, blockSize, vocabularySize }: TokenDistributions,
  row: number,
  target: number,
): BlockStart {
  const blocks = vocabularySize / blockSize;
  let passed = 0;
  let last: BlockStart = { block: 0, before: 0 };
  for (let block = 0, at = row * blockRowStride; block < blocks; block++, at += blockStride) {
    const mass = blockMasses[at]!;
    if (mass === 0) continue;
    last = { block, before: passed };
    passed += mass;
    if (passed > target) break;
  }
  return last;
}

function copyRow(
  { weights, rowStride, tokenStride, vocabularySize }: TokenDistributions,
  row: number,
  to: Float32Array,
): void {
  for (let token = 0, at = row * rowStride; token < vocabularySize; token++, at += tokenStride)
    to[token] = weights[at]!;
}

/** The first kept token at which the running sum of kept weights passes the target. */
function inverseCumulative(
  { weights, rowStride, tokenStride, blockSize, vocabularySize }: TokenDistributions,
  row: number,
  { floor, ties }: KeptTokens,
  target: number,
  { block, before }: BlockStart,
): number {
  const start = block * blockSize;
  let passed = before;
  let last = start;
  let tiesLeft = ties;
  let at = row * rowStride + start * tokenStride;
  for (let token = start; token < vocabularySize; token++, at += tokenStride) {
    const weight = weights[at]!;
    if (weight > floor || (weight === floor && tiesLeft-- > 0)) {
      passed += weight;
      if (passed > target) return token;
      last = token;
    }
  }
  // Rounding may leave the sum a little short of the mass.
  return last;
}
