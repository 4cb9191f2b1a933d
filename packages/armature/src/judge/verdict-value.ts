import type { Criterion, CriterionChoice } from "../rubric/rubric.ts";
import type { CriterionVerdict } from "./criterion-verdict.ts";

const TRUE = new Set(["yes", "true", "met", "satisfied", "y"]);
const FALSE = new Set(["no", "false", "unmet", "not met", "not satisfied", "n"]);
const UNKNOWN = new Set([
  "cannot tell",
  "can't tell",
  "cannot assess",
  "cannot determine",
  "cannot judge",
  "unknown",
  "unclear",
  "not applicable",
  "n/a",
]);

/** The verdict that a word, a boolean or the label of a choice states; null for anything else, an example's placeholder too. */
export function verdictOf(
  stated: unknown,
  criterion: Criterion,
  reason: string | null,
): CriterionVerdict | null {
  const word = plainWord(stated);
  if (criterion.choices !== undefined) {
    const choice = choiceOf(word, criterion.choices);
    if (choice !== undefined) return { status: "scored", value: choice.value, choice: choice.label, reason };
    return UNKNOWN.has(word) ? { status: "abstained", reason } : null;
  }
  if (TRUE.has(word)) return { status: "scored", value: 1, reason };
  if (FALSE.has(word)) return { status: "scored", value: 0, reason };
  return UNKNOWN.has(word) ? { status: "abstained", reason } : null;
}

/** Lower case, without the marks that models put around an answer. */
function plainWord(stated: unknown): string {
  if (!["string", "number", "boolean"].includes(typeof stated)) return "";
  return String(stated)
    .trim()
    .replace(/^[\s"'*`.]+|[\s"'*`.!]+$/g, "")
    .replace(/[_\s]+/g, " ")
    .toLowerCase();
}

/** A choice by its label. */
function choiceOf(word: string, choices: readonly CriterionChoice[]): CriterionChoice | undefined {
  return choices.find(({ label }) => plainWord(label) === word);
}
