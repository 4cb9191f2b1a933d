import type { Prompt } from "../data/prompt.ts";
import { programJudge } from "../judge/program-judge.ts";
import type { Rubric } from "../rubric/rubric.ts";
import { AGGREGATORS, type AggregatorName } from "./aggregators.ts";
import { pointwiseReward } from "./pointwise-reward.ts";
import type { PolicyReward } from "./policy-reward.ts";
import { ratingRange } from "./rating-reward.ts";
import { scoreJudgement } from "./reward-model.ts";

/**
 * Rubrics whose criteria are verified by program: no model is asked. Components are the verdicts by criterion, 1 where the
 * statement is true, null where it does not apply; a criterion of weight 0 is watched and pays nothing. Throws `ConfigError` as
 * `programJudge` where a prompt's rubric names no program.
 */
export function programRubricReward(
  rubricOf: (prompt: Prompt) => Rubric,
  aggregation: AggregatorName,
): PolicyReward {
  const judge = programJudge();
  return pointwiseReward(`${aggregation}(${judge.id})`, (responses) =>
    Promise.all(
      responses.map(async ({ prompt, response }) => {
        const rubric = rubricOf(prompt);
        const judgement = await judge.judge({ prompt, response, rubric });
        const { score } = scoreJudgement(rubric, judgement, AGGREGATORS[aggregation], ratingRange);
        const components = rubric.criteria.map(({ id }, i) => {
          const verdict = judgement.verdicts[i]!;
          return [id, verdict.status === "scored" ? verdict.value : null] as const;
        });
        return { value: score, components: Object.fromEntries(components) };
      }),
    ),
  );
}
