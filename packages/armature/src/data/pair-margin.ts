import { isRow, type Row } from "./row-fields.ts";

/**
 * How much better the chosen response is, in the unit of the file: a number `margin`, or the difference of `score_chosen` and
 * `score_rejected` (also `chosen_score`, `rejected_score`), in the row or in its `metadata`. Undefined where the row says
 * nothing.
 */
export function pairMargin(row: Row): number | undefined {
  const metadata = row["metadata"];
  for (const part of isRow(metadata) ? [row, metadata] : [row]) {
    const number = (field: string) => {
      const value = part[field];
      return typeof value === "number" && Number.isFinite(value) ? value : undefined;
    };
    const margin = number("margin");
    if (margin !== undefined) return margin;
    const chosen = number("score_chosen") ?? number("chosen_score");
    const rejected = number("score_rejected") ?? number("rejected_score");
    if (chosen !== undefined && rejected !== undefined) return chosen - rejected;
  }
  return undefined;
}
