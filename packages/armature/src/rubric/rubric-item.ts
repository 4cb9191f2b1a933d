import type { Prompt } from "../data/prompt.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { Rubric } from "./rubric.ts";

/** A response that stands beside a rubric, and what its source says of it. */
export interface RubricResponse {
  readonly text: string;
  /** Name of the model or system that wrote it. */
  readonly model?: string;
  /** Verdicts that the source gives, in the rubric's order; null for a criterion that it says nothing of. */
  readonly verdicts?: readonly (CriterionVerdict | null)[];
  readonly extra?: Readonly<Record<string, unknown>>;
}

/**
 * One row of a rubric file: a rubric, the prompt it belongs to (null for a rubric of its own), an answer known to be good, and
 * responses to be judged or judged already. What the source says and this type has no place for stands in `extra` under the
 * source's own names; it comes back when the item is written in that `format` again.
 */
export interface RubricItem {
  readonly id: string;
  readonly prompt: Prompt | null;
  readonly reference: string | null;
  readonly responses: readonly RubricResponse[];
  readonly rubric: Rubric;
  /** Name of the `RubricFormat` it was read in; absent for what was made here. */
  readonly format?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
}
