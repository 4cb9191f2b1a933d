import { SeededStream } from "@armature/engine";
import type { TokenIds } from "@armature/tinker";
import type { GivenPairsRecipe } from "../config/policy-recipe.ts";
import { promptId } from "../data/content-id.ts";
import { pairFileSummary, readPreferencePairs } from "../data/preference-pairs.ts";
import type { PreferencePair, Prompt } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import { HELD_OUT_PAIRS, type PairOptions, randomPair, TRAINING_PAIRS } from "../sandbox/world.ts";
import type { TokenPair } from "../train/dpo.ts";
import type { Writer } from "./writer.ts";

/** A pair that was labelled before the run, in the policy's tokens. */
export interface GivenPair extends TokenPair {
  readonly id: string;
}

/** Pairs of a recipe, in two parts that share no prompt. */
export interface GivenPairs {
  readonly train: readonly GivenPair[];
  readonly heldOut: readonly GivenPair[];
}

/** Seed of the pairs that results are measured on: the same ones in every run of the sandbox. */
const SANDBOX_MEASURING_SEED = 20_261_122;

/**
 * Makes or reads the pairs that a recipe gives. Pairs whose prompt is held out are never learnt from: the first ones are
 * measured on. Throws `DataError` for unusable files and `ConfigError` where nothing is left to learn from.
 */
export async function givenPairs(
  source: GivenPairsRecipe,
  seed: number,
  resolve: (path: string) => string,
  writer: Writer,
  isHeldOut: (prompt: Prompt) => boolean,
): Promise<{ readonly pairs: GivenPairs; readonly notes: readonly string[] }> {
  const encode = ({ id, prompt, chosen, rejected }: PreferencePair): GivenPair => ({
    id,
    prompt: writer.prompt(prompt),
    chosen: writer.speaker.encodeCompletion(chosen),
    rejected: writer.speaker.encodeCompletion(rejected),
  });
  if (source.kind === "sandbox") {
    const learnt = { ...TRAINING_PAIRS, labelNoise: source.labelNoise };
    const train = worldPairsOf(seed, "policy", source.count, learnt, (prompt) => !isHeldOut(prompt));
    const heldOut = worldPairsOf(
      SANDBOX_MEASURING_SEED,
      "held-out",
      source.heldOut,
      HELD_OUT_PAIRS,
      isHeldOut,
    );
    return {
      pairs: { train: train.map(encode), heldOut: heldOut.map(encode) },
      notes: [
        `sandbox: ${train.length} given pairs with ${100 * source.labelNoise} % label noise, ${heldOut.length} without it to measure on`,
      ],
    };
  }
  const { pairs, reports } = await readPreferencePairs(source.files.map(resolve), source.badRows);
  const encoded = pairs.map((pair) => ({ pair, tokens: encode(pair) }));
  const fitting = encoded.filter(({ tokens }) => lengthOf(tokens) <= source.maxTokens);
  const part = (held: boolean) =>
    fitting.filter(({ pair }) => isHeldOut(pair.prompt) === held).map(({ tokens }) => tokens);
  const train = part(false);
  if (train.length === 0)
    throw new ConfigError(
      `${source.files.join(", ")}: of ${pairs.length} pairs none is left to learn from; raise pairs.maxTokens, or hold out fewer prompts`,
    );
  return {
    pairs: { train, heldOut: part(true).slice(0, source.heldOut) },
    notes: [
      ...reports.map(pairFileSummary),
      `given pairs: ${train.length} to learn from, ${fitting.length - train.length} with held-out prompts, ${pairs.length - fitting.length} longer than ${source.maxTokens} tokens left out`,
    ],
  };
}

/** The first `count` world pairs of a split whose prompt is wanted, with ids of their content. */
function worldPairsOf(
  seed: number,
  split: string,
  count: number,
  options: PairOptions,
  wanted: (prompt: Prompt) => boolean,
): PreferencePair[] {
  const pairs: PreferencePair[] = [];
  for (let index = 0; pairs.length < count; index++) {
    const stream = new SeededStream(seed, "sandbox-pair", split, index);
    const { pair } = randomPair(stream, `${split}-${index}`, options);
    const prompt = { ...pair.prompt, id: promptId(pair.prompt.messages) };
    if (wanted(prompt)) pairs.push({ ...pair, prompt });
  }
  return pairs;
}

function lengthOf({ prompt, chosen, rejected }: TokenPair): number {
  const longest = (a: TokenIds, b: TokenIds) => Math.max(a.length, b.length);
  return prompt.length + longest(chosen, rejected);
}
