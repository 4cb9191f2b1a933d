import { contentId } from "./content-id.ts";
import type { PreferencePair, Prompt } from "./prompt.ts";

/** Pairs of one set that repeat earlier ones. Texts are compared in `normalised` form. */
export interface DuplicateReport {
  readonly pairs: number;
  /** Pairs whose prompt stood in an earlier pair. */
  readonly samePrompt: number;
  /** Of these, pairs with the same two responses, whichever was preferred. */
  readonly samePair: number;
  /** Of these, pairs that prefer the other response than the first one did. */
  readonly contradicting: number;
  /** Where the first few same pairs stand, as [earlier, later]. */
  readonly examples: readonly (readonly [string, string])[];
}

/** What training and test set share. */
export interface OverlapReport {
  readonly train: number;
  readonly test: number;
  /** Test pairs whose prompt is also a training prompt. */
  readonly samePrompt: number;
  /** Of these, test pairs whose two responses are also those of a training pair. */
  readonly samePair: number;
  /** Where the first few shared prompts stand, as [train, test]. */
  readonly examples: readonly (readonly [string, string])[];
}

const EXAMPLES = 5;

/** Duplicates inside a set. */
export function findDuplicates(pairs: readonly PreferencePair[]): DuplicateReport {
  const prompts = new Set<string>();
  const firstOfPair = new Map<string, PreferencePair>();
  const examples: [string, string][] = [];
  const count = { samePrompt: 0, samePair: 0, contradicting: 0 };
  for (const pair of pairs) {
    const prompt = promptKey(pair.prompt);
    if (prompts.has(prompt)) count.samePrompt++;
    prompts.add(prompt);
    const key = pairKey(pair);
    const first = firstOfPair.get(key);
    if (first === undefined) {
      firstOfPair.set(key, pair);
      continue;
    }
    count.samePair++;
    if (normalised(first.chosen) !== normalised(pair.chosen)) count.contradicting++;
    if (examples.length < EXAMPLES) examples.push([place(first), place(pair)]);
  }
  return { pairs: pairs.length, ...count, examples };
}

/** Prompts and pairs of a test set that a training set holds too. */
export function findOverlap(
  train: readonly PreferencePair[],
  test: readonly PreferencePair[],
): OverlapReport {
  const trainPrompts = new Map(train.map((pair) => [promptKey(pair.prompt), pair]));
  const trainPairs = new Set(train.map(pairKey));
  const shared = test.flatMap((pair) => {
    const twin = trainPrompts.get(promptKey(pair.prompt));
    return twin === undefined ? [] : [{ pair, twin }];
  });
  return {
    train: train.length,
    test: test.length,
    samePrompt: shared.length,
    samePair: shared.filter(({ pair }) => trainPairs.has(pairKey(pair))).length,
    examples: shared.slice(0, EXAMPLES).map(({ pair, twin }) => [place(twin), place(pair)]),
  };
}

/** The training pairs whose prompt is no prompt of the test set. */
export function withoutOverlap(
  train: readonly PreferencePair[],
  test: readonly PreferencePair[],
): readonly PreferencePair[] {
  const testPrompts = new Set(test.map((pair) => promptKey(pair.prompt)));
  return train.filter((pair) => !testPrompts.has(promptKey(pair.prompt)));
}

/** Unicode NFKC, lower case, runs of white space as one space, no space or full stop at the ends. */
function normalised(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/^ | ?\.? ?$/g, "");
}

function promptKey(prompt: Prompt): string {
  return contentId(prompt.messages.map(({ role, content }) => [role, normalised(content)]));
}

function pairKey(pair: PreferencePair): string {
  return contentId([promptKey(pair.prompt), [normalised(pair.chosen), normalised(pair.rejected)].sort()]);
}

function place(pair: PreferencePair): string {
  return pair.source === undefined ? `pair ${pair.id}` : `${pair.source.file}:${pair.source.line}`;
}
