import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { Criterion, Rubric } from "../rubric/rubric.ts";
import type { Aggregator } from "./aggregate.ts";
import { coverageOf, type JudgedCriterion, judgedCriteria, sumOf } from "./judged-criteria.ts";

/** RUBRIC-ARROW's weights: 3 for hard rules, 1 for all others (its code; numeric weights do not count). */
const tagWeight = ({ kind }: Criterion): number => (kind === "hard-rule" ? 3 : 1);

/**
 * RUBRIC-ARROW's score for comparing responses by one rubric: s = Σ w (p_true − p_false), w 3 for hard rules and 1 else. A
 * verdict without probabilities counts ±1 (the booleans its code falls back to). Null unless every criterion has a verdict.
 */
export const arrowSum: Aggregator = (rubric, verdicts) => signedSum(rubric, verdicts, tagWeight);

/** RUBRIC-ARROW's fallback of the generator phase, where no probabilities are had: `arrowSum` with all weights 1. */
export const arrowUniformSum: Aggregator = (rubric, verdicts) => signedSum(rubric, verdicts, () => 1);

/** RUBRIC-ARROW's reward for policies: s / Σ w over the judged criteria, −1 to 1. */
export const arrow: Aggregator = (rubric, verdicts) => {
  const judged = judgedCriteria(rubric, verdicts);
  const total = sumOf(judged, ({ criterion }) => tagWeight(criterion));
  const sum = sumOf(judged, (one) => tagWeight(one.criterion) * margin(one));
  return { score: total > 0 ? sum / total : null, coverage: coverageOf(rubric, verdicts) };
};

function signedSum(
  rubric: Rubric,
  verdicts: readonly CriterionVerdict[],
  weightOf: (criterion: Criterion) => number,
) {
  const judged = judgedCriteria(rubric, verdicts);
  const complete = judged.length === rubric.criteria.length && judged.length > 0;
  return {
    score: complete ? sumOf(judged, (one) => weightOf(one.criterion) * margin(one)) : null,
    coverage: coverageOf(rubric, verdicts),
  };
}

/** Probability of true less that of false, turned round where true is bad; −1 to 1. */
function margin({ criterion, verdict }: JudgedCriterion): number {
  const { probability, value } = verdict;
  const literal = probability === undefined ? 2 * value - 1 : probability.met - probability.unmet;
  return criterion.polarity === "good" ? literal : -literal;
}
