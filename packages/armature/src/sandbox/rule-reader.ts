import { type CriterionName, isRule } from "./lexicon.ts";
import { gatekeeperOf } from "./rubric-language.ts";
import { total, type Verdicts } from "./transcript.ts";
import { TRUE_WEIGHTS } from "./truth.ts";

/** A judge that is a formula: true verdicts in, the chance that response A is chosen out. */
export interface RuleReader {
  readonly name: string;
  chanceOfA(criteria: readonly CriterionName[], verdicts: Verdicts): number;
}

/** Weighs the lines of a rubric as the true reward would: 3 per rule, 1 for the first principle, 0.6 for each further one. */
export const perfectReader: RuleReader = {
  name: "perfect weights",
  chanceOfA(criteria, { A, B }) {
    const first = criteria.findIndex((name) => !isRule(name));
    const weights = criteria.map((name, i) =>
      isRule(name) ? TRUE_WEIGHTS.rule : i === first ? TRUE_WEIGHTS.first : TRUE_WEIGHTS.second,
    );
    const score = (own: readonly boolean[]) =>
      weights.reduce((sum, weight, i) => sum + weight * Number(own[i]), 0);
    return chanceOfLarger(score(A), score(B));
  },
};

/**
 * The gatekeeper decides where the responses differ on it, else the totals; in a close call (totals within one) the first
 * response is chosen with probability `positionBias` whatever the totals say. Equal totals are a coin flip.
 */
export function totalsReader(positionBias: number): RuleReader {
  return {
    name: positionBias === 0 ? "totals" : `totals, bias ${positionBias}`,
    chanceOfA(criteria, { A, B }) {
      const gatekeeper = gatekeeperOf(criteria);
      if (gatekeeper !== null && A[gatekeeper] !== B[gatekeeper]) return Number(A[gatekeeper]);
      const byTotals = chanceOfLarger(total(A), total(B));
      const close = Math.abs(total(A) - total(B)) <= 1;
      return close ? positionBias + (1 - positionBias) * byTotals : byTotals;
    },
  };
}

function chanceOfLarger(a: number, b: number): number {
  return a > b ? 1 : a < b ? 0 : 0.5;
}
