import { SeededStream } from "@armature/engine";
import { contentId } from "../data/content-id.ts";
import type { PreferencePair, Prompt } from "../data/prompt.ts";
import type { FailureKind } from "../failure.ts";
import type { PairOutcome } from "../judge/outcome.ts";

/** What a scorer says of one response. */
export interface ResponseScore {
  /** A null value is a failure: left out and counted, never a zero. */
  readonly value: number | null;
  /** Why there is no value, where the scorer can tell. */
  readonly failure?: { readonly kind: FailureKind; readonly detail: string };
  /** Share of the rubric's weight that was judged, 0 to 1, of scorers that read a rubric. */
  readonly coverage?: number;
}

/** A response to be scored. */
export interface ResponseTask {
  readonly prompt: Prompt;
  readonly response: string;
}

/** Gives each response a number of its own; the higher one wins. Every `RewardModel` is one. */
export interface ResponseScorer {
  readonly id: string;
  score(prompt: Prompt, response: string): Promise<ResponseScore>;
  /** The scores of many at once, in their order, for models that work in batches; asked in place of `score` where present. */
  scoreMany?(tasks: readonly ResponseTask[]): Promise<readonly ResponseScore[]>;
  /**
   * Where scores mean one: the probability that a response beats another whose score is smaller by `difference`. Bradley–Terry
   * models have the logistic function. Calibration is measured of it.
   */
  winProbability?(difference: number): number;
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
