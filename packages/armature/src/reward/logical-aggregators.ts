import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { Rubric } from "../rubric/rubric.ts";
import type { Aggregator } from "./aggregate.ts";
import { coverageOf, credit, judgedCriteria } from "./judged-criteria.ts";
import { weightedMean } from "./weighted-mean.ts";

/** From this credit on a criterion counts as met where only met or not matters. */
const MET = 0.5;

/** 1 where every criterion is met, 0 as soon as one is not. Null where it hangs on a criterion without verdict. */
export const allMet: Aggregator = (rubric, verdicts) => {
  const { known, complete, coverage } = credits(rubric, verdicts);
  if (known.some((one) => one < MET)) return { score: 0, coverage };
  return { score: complete ? 1 : null, coverage };
};

/** 1 as soon as one criterion is met, 0 where none is. Null where it hangs on a criterion without verdict. */
export const anyMet: Aggregator = (rubric, verdicts) => {
  const { known, complete, coverage } = credits(rubric, verdicts);
  if (known.some((one) => one >= MET)) return { score: 1, coverage };
  return { score: complete ? 0 : null, coverage };
};

/** The smallest credit, 0 to 1. Null where a criterion without verdict could have a smaller one. */
export const minimumCredit: Aggregator = (rubric, verdicts) => {
  const { known, complete, coverage } = credits(rubric, verdicts);
  const smallest = Math.min(...known);
  return { score: complete || smallest === 0 ? smallest : null, coverage };
};

/** The largest credit, 0 to 1. Null where a criterion without verdict could have a larger one. */
export const maximumCredit: Aggregator = (rubric, verdicts) => {
  const { known, complete, coverage } = credits(rubric, verdicts);
  const largest = Math.max(...known);
  return { score: complete || largest === 1 ? largest : null, coverage };
};

/**
 * Hard rules first, then principles: 0 as soon as one gate is not met; where all are met, the mean credit of the others by
 * absolute weight, and 1 where there are no others. Gates are the criteria marked `gate`, and where none is, those of kind
 * `hard-rule`. Null where it hangs on a gate without verdict or none of the others has one.
 */
export const gated: Aggregator = (rubric, verdicts) => {
  const marked = rubric.criteria.some(({ gate }) => gate === true);
  const isGate = rubric.criteria.map(({ gate, kind }) => (marked ? gate === true : kind === "hard-rule"));
  const coverage = coverageOf(rubric, verdicts);
  const part = (gates: boolean) => ({
    rubric: { criteria: rubric.criteria.filter((_, i) => isGate[i] === gates) },
    verdicts: verdicts.filter((_, i) => isGate[i] === gates),
  });
  const [gates, others] = [part(true), part(false)];
  const passed = gates.verdicts.length === 0 ? 1 : allMet(gates.rubric, gates.verdicts).score;
  if (passed !== 1) return { score: passed, coverage };
  if (others.verdicts.length === 0) return { score: 1, coverage };
  const { score } = weightedMean(others.rubric, others.verdicts, ({ weight }) => Math.abs(weight));
  return { score, coverage };
};

function credits(rubric: Rubric, verdicts: readonly CriterionVerdict[]) {
  const known = judgedCriteria(rubric, verdicts).map(credit);
  return {
    known,
    complete: known.length === rubric.criteria.length && known.length > 0,
    coverage: coverageOf(rubric, verdicts),
  };
}
