import type { Prompt } from "../data/prompt.ts";
import type { FailureKind } from "../failure.ts";
import type { RubricJudgement } from "../judge/rubric-judge.ts";
import type { Aggregator } from "../reward/aggregate.ts";
import type { RewardModel } from "../reward/reward-model.ts";
import type { Rubric } from "../rubric/rubric.ts";
import type { ResponseScore, ResponseScorer } from "./bench-scorer.ts";

/** A prompt's rubric, or why it has none. */
export type PromptRubric =
  | { readonly status: "written"; readonly rubric: Rubric }
  | { readonly status: "failed"; readonly kind: FailureKind; readonly detail: string };

/** What a scorer by rubrics says of a response, with the judgement that it comes from; null where there was no rubric. */
export interface RubricScore extends ResponseScore {
  readonly judgement: RubricJudgement | null;
}

/** A scorer that reads responses against rubrics, and what studies of the rubrics need of it. */
export interface RubricScorer extends ResponseScorer {
  score(prompt: Prompt, response: string): Promise<RubricScore>;
  rubricOf(prompt: Prompt): PromptRubric;
  readonly aggregate: Aggregator;
}

/**
 * A reward model of rubrics as a scorer that tells why a response has no score: the judge's first failure, or that the prompt
 * has no rubric.
 */
export function rubricScorer(
  model: RewardModel,
  rubricOf: (prompt: Prompt) => PromptRubric,
  aggregate: Aggregator,
): RubricScorer {
  return {
    ...{ id: model.id, rubricOf, aggregate },
    async score(prompt, response) {
      const found = rubricOf(prompt);
      if (found.status === "failed") {
        const { kind, detail } = found;
        return {
          value: null,
          failure: { kind, detail: `no rubric: ${detail}` },
          coverage: 0,
          judgement: null,
        };
      }
      const { value, coverage, judgement } = await model.score(prompt, response, { rubric: found.rubric });
      const failure = value === null ? firstFailure(judgement) : null;
      return { value, coverage, judgement, ...(failure !== null && { failure }) };
    },
  };
}

function firstFailure({ verdicts, rating }: RubricJudgement): {
  readonly kind: FailureKind;
  readonly detail: string;
} | null {
  for (const verdict of [...verdicts, ...(rating === null ? [] : [rating])])
    if (verdict.status === "failed") return { kind: verdict.kind, detail: verdict.detail };
  return null;
}
