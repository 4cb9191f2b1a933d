import type { BadRows } from "../data/preference-pairs.ts";
import { readRowLines } from "../data/read-rows.ts";
import { RowFault, type RowFaultReason } from "../data/row-fields.ts";
import { DataError } from "../errors.ts";
import type { BenchItem, BenchSuite } from "./bench-suite.ts";

/** Items of a suite, and rows that are none by reason. */
export interface SuiteItems {
  readonly items: readonly BenchItem[];
  readonly rows: number;
  readonly leftOut: Readonly<Partial<Record<RowFaultReason, number>>>;
}

/** Rows of published files that no mend would make usable: no winner, no difference, no text, no common prompt. */
const NATURAL: ReadonlySet<RowFaultReason> = new Set([
  "tie",
  "identical-responses",
  "empty-text",
  "differs-early",
]);

/**
 * Reads a suite from its files. Ties, equal or empty responses and transcripts that part early are left out and counted; other
 * bad rows stop the reading (`strict`) or are counted as well (`skip`). Throws `DataError` naming file, line and field, and where no item is found.
 */
export async function readSuite(
  suite: BenchSuite,
  files: readonly string[],
  badRows: BadRows = "strict",
): Promise<SuiteItems> {
  const parts: BenchItem[] = [];
  const leftOut: Partial<Record<RowFaultReason, number>> = {};
  let rows = 0;
  let first: string | null = null;
  for (const file of files) {
    for await (const line of readRowLines(file)) {
      rows++;
      try {
        if (!line.ok) throw new RowFault("not-json", "the line", line.fault);
        parts.push(...suite.read(line));
      } catch (error) {
        if (!(error instanceof RowFault)) throw error;
        const place = `${file}:${line.line}: ${error.message}`;
        if (badRows === "strict" && !NATURAL.has(error.reason))
          throw new DataError(`${place} (read as ${suite.name})`);
        leftOut[error.reason] = (leftOut[error.reason] ?? 0) + 1;
        first ??= place;
      }
    }
  }
  const items = suite.join === undefined ? parts : suite.join(parts);
  if (suite.join !== undefined) {
    const used = new Set(items.map(({ prompt }) => prompt.id));
    const without = parts.filter(({ prompt }) => !used.has(prompt.id)).length;
    if (without > 0) leftOut.tie = (leftOut.tie ?? 0) + without;
    first ??= "no prompt has both an answer that passes every check and one that does not";
  }
  if (items.length === 0)
    throw new DataError(
      `no item of ${suite.name} in ${rows} rows of ${files.join(", ")}; ${first ?? "they are empty"}`,
    );
  return { items, rows, leftOut };
}
