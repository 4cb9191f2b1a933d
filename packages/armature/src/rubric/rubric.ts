/**
 * What a criterion is about: a `hard-rule` comes from an explicit requirement of the prompt, a `principle` is a
 * domain-agnostic quality (Rubric-ARM, appendix E).
 */
export type CriterionKind = "hard-rule" | "principle";

/** One requirement on a response. */
export interface Criterion {
  readonly text: string;
  readonly kind: CriterionKind;
}

/** What a good answer is: criteria in order. */
export interface Rubric {
  readonly criteria: readonly Criterion[];
}

/** A rubric, or why a text is none. */
export type RubricReading =
  | { readonly ok: true; readonly rubric: Rubric }
  | { readonly ok: false; readonly fault: string };
