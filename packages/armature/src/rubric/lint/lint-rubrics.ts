import type { RubricItem } from "../rubric-item.ts";
import { CRITERION_RULES } from "./criterion-rules.ts";
import { RUBRIC_RULES } from "./rubric-rules.ts";

/** One weakness of a rubric. */
export interface LintFinding {
  readonly item: string;
  /** Id of the criterion; null where it is about the rubric as a whole. */
  readonly criterion: string | null;
  readonly rule: string;
  readonly reason: string;
  readonly mend: string;
}

/** Names of all rules with what they are against. */
export const LINT_RULES: readonly { readonly name: string; readonly against: string }[] = [
  ...CRITERION_RULES,
  ...RUBRIC_RULES,
].map(({ name, against }) => ({ name, against }));

/**
 * Weaknesses of a rubric by rules of text: the same text gives the same findings, and no model is asked. Rules of English
 * words find nothing in other languages; those of weights, duplicates and overlap work in all.
 */
export function lintRubric(item: RubricItem): readonly LintFinding[] {
  const { criteria } = item.rubric;
  const single = criteria.flatMap((criterion) =>
    CRITERION_RULES.flatMap((rule) => {
      const fault = rule.check(criterion);
      return fault === null ? [] : [{ item: item.id, criterion: criterion.id, rule: rule.name, ...fault }];
    }),
  );
  const whole = RUBRIC_RULES.flatMap((rule) =>
    rule.check(item).map((fault) => ({ item: item.id, rule: rule.name, ...fault })),
  );
  const place = new Map(criteria.map(({ id }, i) => [id, i]));
  const order = ({ criterion }: LintFinding) =>
    criterion === null ? criteria.length : place.get(criterion)!;
  return [...single, ...whole].sort((a, b) => order(a) - order(b));
}
