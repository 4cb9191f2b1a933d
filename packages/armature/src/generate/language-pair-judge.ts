import { judgePairsByLanguageModel } from "../judge/pairwise-language-judge.ts";
import type { LanguageModel } from "../llm/language-model.ts";
import type { PairByRubric } from "./label-filter.ts";

/** Who judges the pairs of a ranking, and how. */
export interface PairJudgeSettings {
  readonly model: LanguageModel;
  /** Decides by a fair coin which response of a pair is shown first. */
  readonly seed: number;
  /** Longest judgement in tokens; default 2,048 (OpenRubrics, table 8). */
  readonly maxTokens?: number;
}

const JUDGEMENT_TOKENS = 2048;

/** One greedy judgement of each pair, its responses in an order that a coin decides (OpenRubrics, section 3). */
export function languagePairJudge({
  model,
  seed,
  maxTokens = JUDGEMENT_TOKENS,
}: PairJudgeSettings): PairByRubric {
  return async (pair, rubric, { signal }) => {
    const [outcome] = await judgePairsByLanguageModel({
      ...{ model, seed, maxTokens, pairs: [pair], rubrics: new Map([[pair.prompt.id, rubric]]) },
      ...{ orders: "mixed", votes: 1, temperature: 0 },
      ...(signal !== undefined && { signal }),
    });
    const { order, verdict, votes, usage } = outcome!;
    return { order, verdict, usage, replies: votes.map(({ text }) => text) };
  };
}
