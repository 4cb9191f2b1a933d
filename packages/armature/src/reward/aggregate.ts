import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { Rubric } from "../rubric/rubric.ts";

/** A score from verdicts. */
export interface Aggregate {
  /** Null where too little was judged to say anything; never zero in its place. */
  readonly score: number | null;
  /** Share of the rubric's weight, by absolute value, that has a verdict; 0 to 1. */
  readonly coverage: number;
}

/** Verdicts to a number, one named pure function for each paper's formula; `verdicts` stand in the rubric's order. */
export type Aggregator = (rubric: Rubric, verdicts: readonly CriterionVerdict[]) => Aggregate;
