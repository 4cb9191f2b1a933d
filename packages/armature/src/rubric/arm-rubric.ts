import type { CriterionKind } from "./rubric.ts";

/** One line of a rubric as Rubric-ARM's generator writes it. */
export interface ArmCriterion {
  readonly text: string;
  readonly kind: CriterionKind;
}

/** A rubric without weights: criteria in order (Rubric-ARM, table 8). */
export interface ArmRubric {
  readonly criteria: readonly ArmCriterion[];
}

/** A rubric, or why a text is none. */
export type ArmRubricReading =
  | { readonly ok: true; readonly rubric: ArmRubric }
  | { readonly ok: false; readonly fault: string };
