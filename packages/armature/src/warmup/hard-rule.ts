import type { CriterionForm } from "./criterion-form.ts";

/** A form that a request can demand outright. */
export interface HardRule extends CriterionForm {
  readonly kind: "hard-rule";
  /** What stands for `#` ("" for a wording without it), or null where the request makes no such demand. */
  find(request: string): string | null;
}

/** A rule without an amount, demanded where the pattern occurs. */
export function demandedBy(pattern: RegExp): HardRule["find"] {
  return (request) => (pattern.test(request) ? "" : null);
}
