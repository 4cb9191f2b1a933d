import { SeededStream } from "@armature/engine";
import type { PreferencePair } from "../data/prompt.ts";
import { type Note, randomNote, writeNote } from "./note.ts";
import { type NoteRequest, randomRequest, writeRequest } from "./note-request.ts";
import { trueReward } from "./truth.ts";

/** `hard`: one note may break a rule. `principle`: both keep all rules, only attributes differ. */
export type PairKind = "hard" | "principle";

/** What the learner must not see. */
export interface PairTruth {
  readonly request: NoteRequest;
  readonly kind: PairKind;
  /** Differs from `chosen` where the label is noise. */
  readonly trueWinner: "chosen" | "rejected";
  readonly chosen: Note;
  readonly rejected: Note;
}

/** A pair as a learner sees it, and the truth behind it. */
export interface WorldPair {
  readonly pair: PreferencePair;
  readonly truth: PairTruth;
}

/** How pairs are drawn. */
export interface PairOptions {
  /** Chance that the truly better note is labelled rejected. */
  readonly labelNoise: number;
  /** Chance that one note is made to break a rule. */
  readonly brokenRuleShare: number;
}

/** Pairs to learn from: a few labels are wrong. */
export const TRAINING_PAIRS: PairOptions = { labelNoise: 0.05, brokenRuleShare: 0.2 };
/** Pairs to measure on: every label is the truth. */
export const HELD_OUT_PAIRS: PairOptions = { ...TRAINING_PAIRS, labelNoise: 0 };

/** One pair of notes of unequal true reward; draws of equal reward are drawn again, request and all. */
export function randomPair(stream: SeededStream, id: string, options: PairOptions): WorldPair {
  for (;;) {
    const request = randomRequest(stream);
    const kind: PairKind = stream.chance(options.brokenRuleShare) ? "hard" : "principle";
    const one = randomNote(stream, request, kind === "hard" ? stream.pick(request.rules) : undefined);
    const other = randomNote(stream, request);
    const difference = trueReward(request, one) - trueReward(request, other);
    if (difference === 0) continue;
    const [better, worse] = difference > 0 ? [one, other] : [other, one];
    const trueWinner = stream.chance(options.labelNoise) ? "rejected" : "chosen";
    const [chosen, rejected] = trueWinner === "chosen" ? [better, worse] : [worse, better];
    const prompt = { id, messages: [{ role: "user", content: writeRequest(request) }] } as const;
    return {
      pair: { id, prompt, chosen: writeNote(chosen), rejected: writeNote(rejected) },
      truth: { request, kind, trueWinner, chosen, rejected },
    };
  }
}

/**
 * The first `count` pairs of a named split. Each pair has a stream of its own, so a longer list begins with the shorter one
 * and splits never share draws.
 */
export function worldPairs(seed: number, split: string, count: number, options: PairOptions): WorldPair[] {
  return Array.from({ length: count }, (_, index) =>
    randomPair(new SeededStream(seed, "sandbox-pair", split, index), `${split}-${index}`, options),
  );
}
