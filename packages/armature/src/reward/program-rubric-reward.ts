import { programChecks, programJudge } from "../judge/program-judge.ts";
import type { Rubric } from "../rubric/rubric.ts";
import { AGGREGATORS, type AggregatorName } from "./aggregators.ts";
import { type PolicyReward, preferByValue } from "./policy-reward.ts";
import { ratingRange } from "./rating-reward.ts";
import { scoreJudgement } from "./reward-model.ts";

/**
 * One rubric for every prompt, its criteria verified by program: no model is asked. Components are the verdicts by criterion,
 * 1 where the statement is true; a criterion of weight 0 is watched and pays nothing. Throws `ConfigError` as `programJudge`.
 */
export function programRubricReward(rubric: Rubric, aggregation: AggregatorName): PolicyReward {
  programChecks(rubric);
  const judge = programJudge();
  const reward: PolicyReward["reward"] = (groups) =>
    Promise.all(
      groups.map(({ prompt, responses }) =>
        Promise.all(
          responses.map(async (response) => {
            const judgement = await judge.judge({ prompt, response, rubric });
            const { score } = scoreJudgement(rubric, judgement, AGGREGATORS[aggregation], ratingRange);
            const components = rubric.criteria.map(({ id }, i) => {
              const verdict = judgement.verdicts[i]!;
              return [id, verdict.status === "scored" ? verdict.value : null] as const;
            });
            return { value: score, components: Object.fromEntries(components) };
          }),
        ),
      ),
    );
  return {
    id: `${aggregation}(${judge.id})`,
    needsGreedy: false,
    reward,
    prefer: (pairs) => preferByValue({ reward }, pairs),
  };
}
