import type { Prompt } from "../data/prompt.ts";
import type { PairOutcome } from "../judge/outcome.ts";
import { ordersOf } from "../judge/pair-questions.ts";
import { judgePairsByLanguageModel, type PairwiseLanguageJudging } from "../judge/pairwise-language-judge.ts";
import { armTextOf } from "../rubric/arm-text-of.ts";
import type { PairScorer } from "./bench-scorer.ts";
import type { PromptRubric } from "./rubric-scorer.ts";

/** How a language model judges pairs, whatever they are. */
export interface LanguagePairScorerSettings
  extends Omit<PairwiseLanguageJudging, "pairs" | "rubrics" | "onOutcome"> {
  readonly rubricOf: (prompt: Prompt) => PromptRubric;
}

/**
 * A language model that reads two responses and a rubric and names the better one (Rubric-ARM's judge prompt), as a scorer of
 * benches and studies. A pair whose prompt has no rubric is a failed outcome in every order asked for.
 */
export function languagePairScorer({ rubricOf, ...judging }: LanguagePairScorerSettings): PairScorer {
  const { model, votes, temperature, orders, seed } = judging;
  return {
    id: `pairwise(${model.id}, ${votes} ${votes === 1 ? "vote" : "votes"} at ${temperature}, order ${orders})`,
    async judge(pairs, onProgress) {
      const found = new Map(pairs.map(({ prompt }) => [prompt.id, rubricOf(prompt)]));
      const rubrics = new Map(
        [...found].flatMap(([id, one]) =>
          one.status === "failed" ? [] : [[id, armTextOf(one.rubric)] as const],
        ),
      );
      const places = pairs.flatMap((pair, i) => (rubrics.has(pair.prompt.id) ? [i] : []));
      const total = places.length * (orders === "both" ? 2 : 1);
      let done = 0;
      const judged =
        places.length === 0
          ? []
          : await judgePairsByLanguageModel({
              ...judging,
              pairs: places.map((i) => pairs[i]!),
              rubrics,
              onOutcome: () => onProgress?.(++done, total),
            });
      const without = pairs.flatMap((pair, pairIndex) => {
        const missing = found.get(pair.prompt.id)!;
        return missing.status === "failed"
          ? ordersOf({ orders, seed }, pair).map((order): PairOutcome => {
              const detail = `no rubric: ${missing.detail}`;
              return {
                ...{ pairIndex, pairId: pair.id, order, rubric: "", rubricFault: missing.detail, votes: [] },
                verdict: { status: "failed", kind: missing.kind, detail },
              };
            })
          : [];
      });
      return [
        ...judged.map((outcome) => ({ ...outcome, pairIndex: places[outcome.pairIndex]! })),
        ...without,
      ];
    },
  };
}
