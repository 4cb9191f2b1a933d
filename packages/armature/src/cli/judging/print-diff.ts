import type { JudgementDiff } from "../../judge/judgement-diff.ts";
import { changeText, numberText } from "../../run/report-number.ts";

/** Longest part of a criterion that a line shows. */
const SHOWN = 70;

/** What changed, a line a verdict and a line a score, and one that sums it up. */
export function printDiff(diff: JudgementDiff): string {
  const { compared, added, gone, verdicts, changes, scores, meanDifference } = diff;
  const place = ({ id, response }: { readonly id: string; readonly response: number }) =>
    `${id}[${response}]`;
  const score = (value: number | null) => (value === null ? "none" : numberText(value, "number"));
  const others = [...(added > 0 ? [`${added} new`] : []), ...(gone > 0 ? [`${gone} gone`] : [])];
  return [
    ...changes.map(
      ({ row, criterion, text, before, after }) =>
        `${place(row)} ${criterion}: ${before} → ${after}  ${text.replace(/\s+/g, " ").slice(0, SHOWN)}`,
    ),
    ...scores.map(({ row, before, after }) => `${place(row)} score: ${score(before)} → ${score(after)}`),
    `${changes.length} of ${verdicts} verdicts and ${scores.length} of ${compared} scores changed${others.length > 0 ? ` (${others.join(", ")})` : ""}; mean difference ${meanDifference === null ? "n/a" : changeText({ value: meanDifference }, "number")}`,
  ].join("\n");
}
