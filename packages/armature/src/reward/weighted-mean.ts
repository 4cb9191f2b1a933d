import { ConfigError } from "../errors.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { Criterion, ImportanceCategory, Rubric } from "../rubric/rubric.ts";
import type { Aggregate, Aggregator } from "./aggregate.ts";
import { coverageOf, credit, judgedCriteria, sumOf } from "./judged-criteria.ts";

/** Category weights of Rubrics as Rewards (section 4; the first version had 0.8 for pitfalls). */
const RAR_WEIGHTS = {
  v1: { essential: 1, important: 0.7, optional: 0.3, pitfall: 0.8 },
  v2: { essential: 1, important: 0.7, optional: 0.3, pitfall: 0.9 },
} as const satisfies Record<string, Record<ImportanceCategory, number>>;

/**
 * RaR-Explicit with the category weights of the paper's second version: Σ w c / Σ w over the judged criteria (equation 1),
 * w by category {essential 1, important 0.7, optional 0.3, pitfall 0.9}, c the credit. Numeric weights do not count. A pitfall
 * brings credit when it is avoided, whichever way its text is worded: the polarity tells. 0 to 1.
 * Throws `ConfigError` for a criterion without category.
 */
export const rarExplicit: Aggregator = (rubric, verdicts) =>
  weightedMean(rubric, verdicts, categoryWeight("v2"));

/** As `rarExplicit`, with the first version's weight of pitfalls, 0.8. */
export const rarExplicitV1: Aggregator = (rubric, verdicts) =>
  weightedMean(rubric, verdicts, categoryWeight("v1"));

/**
 * Chasing the Tail's reward for training: Σ w V / Σ w (equation in section 3), V the credit, over the judged criteria. 0 to 1.
 */
export const chasingTheTail: Aggregator = (rubric, verdicts) =>
  weightedMean(rubric, verdicts, ({ weight }) => Math.abs(weight));

/**
 * Chasing the Tail's score for choosing the top two: Σ w V, not divided. In a sum a missing verdict would count as "no", so the
 * score is null unless every criterion has one; the mode that reproduces the paper fills them in itself.
 */
export const chasingTheTailSum: Aggregator = (rubric, verdicts) => {
  const judged = judgedCriteria(rubric, verdicts);
  const coverage = coverageOf(rubric, verdicts);
  if (judged.length < rubric.criteria.length || judged.length === 0) return { score: null, coverage };
  return { score: sumOf(judged, (one) => Math.abs(one.criterion.weight) * credit(one)), coverage };
};

/** Plain mean of the credits of the judged criteria, without weights. 0 to 1. */
export const meanCredit: Aggregator = (rubric, verdicts) => weightedMean(rubric, verdicts, () => 1);

/** Σ w c / Σ w over the judged criteria; null where they weigh nothing. */
export function weightedMean(
  rubric: Rubric,
  verdicts: readonly CriterionVerdict[],
  weightOf: (criterion: Criterion) => number,
): Aggregate {
  for (const criterion of rubric.criteria) weightOf(criterion);
  const judged = judgedCriteria(rubric, verdicts);
  const total = sumOf(judged, ({ criterion }) => weightOf(criterion));
  const sum = sumOf(judged, (one) => weightOf(one.criterion) * credit(one));
  return { score: total > 0 ? sum / total : null, coverage: coverageOf(rubric, verdicts) };
}

function categoryWeight(version: keyof typeof RAR_WEIGHTS): (criterion: Criterion) => number {
  return ({ id, category }) => {
    if (category !== undefined) return RAR_WEIGHTS[version][category];
    throw new ConfigError(
      `criterion ${id} has no category, which rar-explicit weighs by; give essential, important, optional or pitfall, or aggregate by clamped`,
    );
  };
}
