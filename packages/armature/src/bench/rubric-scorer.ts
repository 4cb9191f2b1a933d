import type { Prompt } from "../data/prompt.ts";
import type { FailureKind } from "../failure.ts";
import type { RubricJudgement } from "../judge/rubric-judge.ts";
import type { RewardModel } from "../reward/reward-model.ts";
import type { Rubric } from "../rubric/rubric.ts";
import type { ResponseScorer } from "./bench-scorer.ts";

/** A prompt's rubric, or why it has none. */
export type PromptRubric =
  | { readonly status: "written"; readonly rubric: Rubric }
  | { readonly status: "failed"; readonly kind: FailureKind; readonly detail: string };

/**
 * A reward model of rubrics as a scorer that tells why a response has no score: the judge's first failure, or that the prompt
 * has no rubric.
 */
export function rubricScorer(model: RewardModel, rubricOf: (prompt: Prompt) => PromptRubric): ResponseScorer {
  return {
    id: model.id,
    async score(prompt, response) {
      const found = rubricOf(prompt);
      if (found.status === "failed") {
        const { kind, detail } = found;
        return { value: null, failure: { kind, detail: `no rubric: ${detail}` }, coverage: 0 };
      }
      const { value, coverage, judgement } = await model.score(prompt, response, { rubric: found.rubric });
      const failure = value === null ? firstFailure(judgement) : null;
      return { value, coverage, ...(failure !== null && { failure }) };
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
