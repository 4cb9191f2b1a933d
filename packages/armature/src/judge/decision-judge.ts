import { contentId } from "../data/content-id.ts";
import { addUsage, type CallOptions, NO_USAGE, type Usage } from "../llm/language-model.ts";
import { ModelCallError } from "../llm/model-call-error.ts";
import type { Criterion } from "../rubric/rubric.ts";
import type { CriterionVerdict } from "./criterion-verdict.ts";
import type { DecisionModel } from "./decision-model.ts";
import { fillTemplate } from "./fill-template.ts";
import { shownTask, statementText, wordings } from "./judge-wording.ts";
import type { JudgeTask, RubricJudge } from "./rubric-judge.ts";
import { siblingCalls } from "./sibling-calls.ts";

/**
 * A judge of criteria that reads probabilities instead of text, one decision a criterion: `value` is the expectation of the
 * options' values over the probability that fell on options, so it is a degree and no yes or no; `probability` has the raw
 * ones. A criterion with choices is decided among them.
 */
export function decisionJudge({ model }: { readonly model: DecisionModel }): RubricJudge {
  const texts = wordings("decision");

  async function decide(
    task: JudgeTask,
    criterion: Criterion,
    options: CallOptions,
  ): Promise<{ readonly verdict: CriterionVerdict; readonly usage: Usage }> {
    const answers = criterion.choices ?? YES_OR_NO;
    // Letters for choices, whose own labels may begin with the same token; Yes and No are what models begin with.
    const labels =
      criterion.choices === undefined ? ["Yes", "No"] : answers.map((_, i) => String.fromCharCode(65 + i));
    const question = fillTemplate(texts.decision, {
      ...shownTask(task),
      criterion: statementText(criterion.text),
      options: answers
        .map(
          ({ label, description }, i) => `- ${labels[i]}: ${[label, description].filter(Boolean).join(": ")}`,
        )
        .join("\n"),
      labels: `${labels.slice(0, -1).join(", ")} or ${labels.at(-1)}`,
    });
    try {
      const { probabilities, usage } = await model.decide({ question, options: labels }, options);
      return { verdict: verdictOf(criterion, answers, probabilities), usage };
    } catch (error) {
      if (options.signal?.aborted || !ModelCallError.isInstance(error)) throw error;
      return { verdict: { status: "failed", kind: error.kind, detail: error.message }, usage: NO_USAGE };
    }
  }

  return {
    id: `decision:${contentId(texts)}:${model.id}`,
    async judge(task, options = {}) {
      const decided = await siblingCalls(
        task.rubric.criteria,
        (criterion, signal) => decide(task, criterion, { purpose: "judge", ...options, signal }),
        options.signal,
      );
      return {
        verdicts: decided.map(({ verdict }) => verdict),
        rating: null,
        replies: [],
        usage: decided.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
      };
    },
  };
}

const YES_OR_NO = [
  { label: "the statement is true", value: 1, description: undefined },
  { label: "the statement is not true", value: 0, description: undefined },
] as const;

function verdictOf(
  criterion: Criterion,
  answers: readonly { readonly label: string; readonly value: number }[],
  probabilities: readonly number[],
): CriterionVerdict {
  const total = probabilities.reduce((sum, one) => sum + one, 0);
  if (!(total > 0)) return { status: "failed", kind: "parse", detail: "no option has any probability" };
  const value = answers.reduce((sum, answer, i) => sum + answer.value * probabilities[i]!, 0) / total;
  const likeliest = answers[probabilities.indexOf(Math.max(...probabilities))]!.label;
  return {
    status: "scored",
    value: Math.min(1, Math.max(0, value)),
    ...(criterion.choices === undefined
      ? { probability: { met: probabilities[0]!, unmet: probabilities[1]! } }
      : { choice: likeliest }),
    reason: null,
  };
}
