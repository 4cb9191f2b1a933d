import { type CriterionName, isRule, type Rule } from "./lexicon.ts";
import type { NoteRequest } from "./note-request.ts";
import { readLines } from "./rubric-language.ts";
import { VALUED } from "./truth.ts";

/** How good rubrics are, measured against the truth. Shares are 0 to 1, and NaN where there is nothing to count. */
export interface RubricQuality {
  readonly rubrics: number;
  /** Rubrics that keep the form and repeat no line. */
  readonly valid: number;
  /** Rubrics that keep the form but repeat a line. */
  readonly repeating: number;
  /** Both together. What follows is measured on these alone, and counts distinct lines. */
  readonly readable: number;
  /** Principles that truly count, among those stated. */
  readonly precision: number;
  /** Principles stated, among the two that truly count. */
  readonly recall: number;
  /** Rules of the request that the rubric states. */
  readonly rulesKept: number;
  /** Rules of the rubric that the request states. */
  readonly rulesPrecision: number;
}

/** Compares the texts that a generator wrote with what each request demands and its recipient values. */
export function rubricQuality(
  written: readonly { readonly request: NoteRequest; readonly text: string }[],
): RubricQuality {
  const count = { valid: 0, repeating: 0, readable: 0 };
  const principles = { found: 0, stated: 0, wanted: 0 };
  const rules = { found: 0, stated: 0, wanted: 0 };
  for (const { request, text } of written) {
    const lines = readLines(text);
    if (!lines.ok) continue;
    const names = new Set(lines.names);
    count.readable++;
    if (names.size === lines.names.length) count.valid++;
    else count.repeating++;
    tally(
      principles,
      [...names].filter((name) => !isRule(name)),
      VALUED[request.recipient],
    );
    tally(
      rules,
      [...names].filter((name): name is Rule => isRule(name)),
      request.rules,
    );
  }
  return {
    rubrics: written.length,
    valid: count.valid / written.length,
    repeating: count.repeating / written.length,
    readable: count.readable / written.length,
    precision: principles.found / principles.stated,
    recall: principles.found / principles.wanted,
    rulesKept: rules.found / rules.wanted,
    rulesPrecision: rules.found / rules.stated,
  };
}

function tally(
  count: { found: number; stated: number; wanted: number },
  stated: readonly CriterionName[],
  wanted: readonly CriterionName[],
): void {
  count.stated += stated.length;
  count.wanted += wanted.length;
  count.found += stated.filter((name) => wanted.includes(name)).length;
}
