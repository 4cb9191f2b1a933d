import { SeededStream } from "@armature/engine";
import { contentId } from "../data/content-id.ts";
import type { PreferencePair, Prompt } from "../data/prompt.ts";
import type { PairOutcome } from "../judge/outcome.ts";

/** Gives each response a number of its own; the higher one wins. Every `RewardModel` is one. */
export interface ResponseScorer {
  readonly id: string;
  /** A null value is a failure: left out and counted, never a zero. */
  score(prompt: Prompt, response: string): Promise<{ readonly value: number | null }>;
}

/** Compares two responses. */
export interface PairScorer {
  readonly id: string;
  /** One outcome per pair and order, `pairIndex` being the pair's place; `judgePairs` gives such outcomes. */
  judge(
    pairs: readonly PreferencePair[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<readonly PairOutcome[]>;
}

/** What a suite can be judged by. */
export type BenchScorer = ResponseScorer | PairScorer;

/** Prefers the longer response, in characters: what a suite gives away to a model that reads nothing. */
export const LONGER: ResponseScorer = {
  id: "length",
  score: async (_, response) => ({ value: Array.from(response).length }),
};

/** Prefers the shorter response. */
export const SHORTER: ResponseScorer = {
  id: "shorter",
  score: async (_, response) => ({ value: -Array.from(response).length }),
};

/** Draws a number for each response: chance, with the suite's own ties and grading. */
export function randomScorer(seed: number): ResponseScorer {
  return {
    id: `random:${seed}`,
    score: async (prompt, response) => ({
      value: new SeededStream(seed, "random scorer", contentId([prompt.id, response])).next(),
    }),
  };
}
