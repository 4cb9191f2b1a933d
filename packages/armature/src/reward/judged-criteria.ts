import { ConfigError } from "../errors.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { Criterion, Rubric } from "../rubric/rubric.ts";

/** A criterion with the verdict that a judge gave. */
export interface JudgedCriterion {
  readonly criterion: Criterion;
  readonly verdict: Extract<CriterionVerdict, { readonly status: "scored" }>;
}

/** The criteria that have a verdict. @throws ConfigError where verdicts and criteria differ in number. */
export function judgedCriteria(
  rubric: Rubric,
  verdicts: readonly CriterionVerdict[],
): readonly JudgedCriterion[] {
  const { criteria } = rubric;
  if (verdicts.length !== criteria.length)
    throw new ConfigError(
      `${verdicts.length} verdicts for ${criteria.length} criteria; give one verdict per criterion, in the rubric's order`,
    );
  return criteria.flatMap((criterion, i) => {
    const verdict = verdicts[i]!;
    return verdict.status === "scored" ? [{ criterion, verdict }] : [];
  });
}

/** How far a criterion speaks for the response, 0 to 1: the verdict's value where true is good, else its complement. */
export function credit({ criterion, verdict }: JudgedCriterion): number {
  return criterion.polarity === "good" ? verdict.value : 1 - verdict.value;
}

/**
 * Points that a literally true statement brings: the weight with the sign of the polarity. They are the source's own points
 * in HealthBench, and its sign put right where "Avoids X" carries a negative weight (the science set of Rubrics as Rewards).
 */
export function signedPoints({ weight, polarity }: Criterion): number {
  return polarity === "good" ? Math.abs(weight) : -Math.abs(weight);
}

/** Share of the rubric's weight, by absolute value, that has a verdict; of its criteria where all weights are zero. */
export function coverageOf(rubric: Rubric, verdicts: readonly CriterionVerdict[]): number {
  const judged = judgedCriteria(rubric, verdicts);
  const weight = (criteria: readonly Criterion[]) => sumOf(criteria, (one) => Math.abs(one.weight));
  const total = weight(rubric.criteria);
  if (total === 0) return rubric.criteria.length === 0 ? 0 : judged.length / rubric.criteria.length;
  return judged.length === rubric.criteria.length
    ? 1
    : weight(judged.map(({ criterion }) => criterion)) / total;
}

/** Sum of a number of each item. */
export function sumOf<T>(items: readonly T[], numberOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + numberOf(item), 0);
}
