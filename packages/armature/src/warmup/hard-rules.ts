import { FORMAT_RULES } from "./format-rules.ts";
import type { HardRule } from "./hard-rule.ts";
import { LENGTH_RULES } from "./length-rules.ts";

export const HARD_RULES: readonly HardRule[] = [...LENGTH_RULES, ...FORMAT_RULES];

/** A rule that a request demands, and what it names for the `#` of the rule's wordings. */
export interface Demand {
  readonly rule: HardRule;
  readonly value: string;
}

/** The explicit demands of a request that the patterns know. */
export function demandsOf(request: string): readonly Demand[] {
  return HARD_RULES.flatMap((rule) => {
    const value = rule.find(request);
    return value === null ? [] : [{ rule, value }];
  });
}
