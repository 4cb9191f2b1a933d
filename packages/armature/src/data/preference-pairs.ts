import { DataError } from "../errors.ts";
import { pairId, promptId } from "./content-id.ts";
import type { PairContent } from "./pair-content.ts";
import { pairMargin } from "./pair-margin.ts";
import { PAIR_SHAPES, type PairShape, type PairShapeName } from "./pair-shapes.ts";
import type { PreferencePair } from "./prompt.ts";
import type { JsonlLine } from "./read-jsonl.ts";
import { readRowLines } from "./read-rows.ts";
import { type Row, RowFault, type RowFaultReason } from "./row-fields.ts";

/** `strict` stops at the first row that cannot be used, `skip` leaves such rows out and counts them by reason. */
export type BadRows = "strict" | "skip";

/** How one file was read. */
export interface PairFileReport {
  readonly file: string;
  /** The shape found in the first row that has one; every row of the file was read in it. */
  readonly shape: PairShapeName;
  readonly fields: readonly string[];
  readonly rows: number;
  readonly pairs: number;
  readonly skipped: Readonly<Partial<Record<RowFaultReason, number>>>;
  /** Per reason the first row left out, as `file:line: what`. */
  readonly firstSkipped: Readonly<Partial<Record<RowFaultReason, string>>>;
}

/**
 * Reads preference pairs from files that `readRows` can read, in any of `PAIR_SHAPES`, found per file. The id of a pair depends on
 * its texts only. Throws `DataError` naming file, line and field at the first bad row (`strict`), and under both policies
 * where a file is damaged, has no known shape or holds no usable pair.
 */
export async function readPreferencePairs(
  files: readonly string[],
  badRows: BadRows = "strict",
): Promise<{ readonly pairs: readonly PreferencePair[]; readonly reports: readonly PairFileReport[] }> {
  const pairs: PreferencePair[] = [];
  const reports: PairFileReport[] = [];
  for (const file of files) reports.push(await readFile(file, badRows, pairs));
  return { pairs, reports };
}

/** One line for people: shape, fields, counts. */
export function pairFileSummary(report: PairFileReport): string {
  const { file, shape, fields, rows, pairs, skipped } = report;
  const left = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
  const counts =
    left.length === 0 ? `${pairs} pairs` : `${pairs} pairs of ${rows} rows, left out ${left.join(", ")}`;
  return `${file}: ${shape} (${fields.join(", ")}), ${counts}`;
}

async function readFile(file: string, badRows: BadRows, into: PreferencePair[]): Promise<PairFileReport> {
  const before = into.length;
  const skipped: Partial<Record<RowFaultReason, number>> = {};
  const firstSkipped: Partial<Record<RowFaultReason, string>> = {};
  let found: FoundShape | null = null;
  let rows = 0;
  for await (const line of readRowLines(file)) {
    rows++;
    try {
      found ??= findShape(rowOf(line));
      into.push(readPair(line, found));
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      const place = `${file}:${line.line}: ${error.message}`;
      if (badRows === "strict") throw new DataError(place);
      skipped[error.reason] = (skipped[error.reason] ?? 0) + 1;
      firstSkipped[error.reason] ??= place;
    }
  }
  const pairs = into.length - before;
  if (rows === 0) throw new DataError(`${file}: holds no rows; give a file of preference pairs`);
  if (found === null || pairs === 0)
    throw new DataError(`no usable pair in ${rows} rows: ${Object.values(firstSkipped).join(" | ")}`);
  return { file, shape: found.shape.name, fields: found.fields, rows, pairs, skipped, firstSkipped };
}

interface FoundShape {
  readonly shape: PairShape;
  readonly fields: readonly string[];
}

/** Reads one row in the shape that it has by itself. Throws `RowFault`. */
export function readPairRow(row: Row): PairContent {
  const { shape, fields } = findShape(row);
  return shape.read(row, fields);
}

function findShape(row: Row): FoundShape {
  for (const shape of PAIR_SHAPES) {
    const fields = shape.fields(row);
    if (fields) return { shape, fields };
  }
  const known =
    "prompt + chosen + rejected, chosen + rejected as conversations, prompt + response_a + response_b + winner";
  throw new RowFault(
    "unknown-shape",
    `a row with the fields ${Object.keys(row).join(", ")}`,
    `has no known shape; known are ${known}`,
  );
}

function readPair(line: JsonlLine, { shape, fields }: FoundShape): PreferencePair {
  const row = rowOf(line);
  const { messages, chosen, rejected } = shape.read(row, fields);
  const margin = pairMargin(row);
  return {
    id: pairId(messages, chosen, rejected),
    prompt: { id: promptId(messages), messages },
    chosen,
    rejected,
    ...(margin !== undefined && { margin }),
    source: { file: line.file, line: line.line },
  };
}

function rowOf(line: JsonlLine): Row {
  if (line.ok) return line.value;
  throw new RowFault("not-json", "the line", line.fault);
}
