import { readFileSync } from "node:fs";
import { fileError } from "../data/file-bytes.ts";
import type { BadRows } from "../data/preference-pairs.ts";
import type { JsonlLine } from "../data/read-jsonl.ts";
import { readRowLines } from "../data/read-rows.ts";
import { type Row, RowFault, type RowFaultReason } from "../data/row-fields.ts";
import { ConfigError, DataError } from "../errors.ts";
import { criteriaAsRow, detectFormat } from "./detect-format.ts";
import { rubricFormat } from "./formats/all-formats.ts";
import type { RubricFormat } from "./formats/rubric-format.ts";
import { type ImportReport, reportOf } from "./import-report.ts";
import type { RubricItem } from "./rubric-item.ts";

/** How rubric files are read. */
export interface RubricReading {
  /** Name of a `RubricFormat`; `auto`, the default, tells it by the first rows. */
  readonly format?: string;
  /** `strict`, the default, stops at the first row that cannot be read; `skip` leaves such rows out and counts them. */
  readonly badRows?: BadRows;
}

const LOOKED_AT = 20;

/**
 * Reads a rubric file of any known format: every table that `readRows` reads, Markdown and text.
 * @throws DataError naming file, line and field at the first bad row, where no row is usable, and where the format cannot be
 * told; the message then has the candidates. @throws ConfigError where the named format is unknown.
 */
export async function readRubricItems(
  file: string,
  { format: wanted = "auto", badRows = "strict" }: RubricReading = {},
): Promise<{ readonly items: readonly RubricItem[]; readonly report: ImportReport }> {
  const lines = isText(file) ? [textLine(file)] : await allLines(file);
  const rows = lines.flatMap((line) => (line.ok ? [line.value] : []));
  if (lines.length === 0) throw new DataError(`${file}: holds no rows; give a file of rubrics`);
  const [first] = lines;
  if (rows.length === 0 && first?.ok === false) throw new DataError(`${file}:${first.line}: ${first.fault}`);
  const { format, because, whole } = formatOf(file, rows, wanted);
  const items: RubricItem[] = [];
  const skipped: Partial<Record<RowFaultReason, number>> = {};
  const firstSkipped: Partial<Record<RowFaultReason, string>> = {};
  for (const line of whole === null ? lines : [{ ok: true as const, file, line: 1, value: whole }]) {
    try {
      if (!line.ok) throw new RowFault("not-json", "the line", line.fault);
      items.push(...format.read(line.value));
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      const place = `${file}:${line.line}: ${error.message}`;
      if (badRows === "strict") throw new DataError(place);
      skipped[error.reason] = (skipped[error.reason] ?? 0) + 1;
      firstSkipped[error.reason] ??= place;
    }
  }
  if (items.length === 0)
    throw new DataError(
      `no usable row of ${lines.length}: ${Object.values(firstSkipped).join(" | ") || file}`,
    );
  return {
    items,
    report: reportOf(items, { file, format, because, rows: lines.length, skipped, firstSkipped }),
  };
}

interface FoundFormat {
  readonly format: RubricFormat;
  readonly because: string;
  /** The one row that stands for all, where the rows are criteria. */
  readonly whole: Row | null;
}

function formatOf(file: string, rows: readonly Row[], wanted: string): FoundFormat {
  const asRow = criteriaAsRow(rows);
  if (wanted !== "auto") {
    const format = rubricFormat(wanted);
    const criteria = asRow !== null && format.detect(rows[0]!) === null && format.detect(asRow) !== null;
    return { format, because: "as asked", whole: criteria ? asRow : null };
  }
  const detection = detectFormat(rows.slice(0, LOOKED_AT));
  if (detection.found) return { ...detection, whole: null };
  const all = detection.candidates.length === 0 && asRow !== null ? detectFormat([asRow]) : detection;
  if (all.found) return { ...all, because: `rows are criteria; ${all.because}`, whole: asRow };
  const names = Object.keys(rows[0] ?? {}).join(", ");
  throw new DataError(
    all.candidates.length > 0
      ? `${file}: rows fit the formats ${all.candidates.join(" and ")}; choose one with --format`
      : `${file}: rows with the fields ${names} have no known rubric format; choose one with --format, or rename the list of criteria to rubrics`,
  );
}

const isText = (file: string) => /\.(md|markdown|txt)$/i.test(file);

function textLine(file: string): JsonlLine {
  try {
    return { ok: true, file, line: 1, value: { text: readFileSync(file, "utf8") } };
  } catch (error) {
    throw fileError(file, error);
  }
}

async function allLines(file: string): Promise<readonly JsonlLine[]> {
  const lines: JsonlLine[] = [];
  for await (const line of readRowLines(file)) lines.push(line);
  return lines;
}

/** The one item of that id, or all. @throws ConfigError where there is none. */
export function chosenItems(items: readonly RubricItem[], id: string | undefined): readonly RubricItem[] {
  if (id === undefined) return items;
  const chosen = items.filter((item) => item.id === id);
  if (chosen.length > 0) return chosen;
  const known = items.slice(0, 3).map((item) => item.id);
  throw new ConfigError(`--id ${id}: no rubric of this id; the first are ${known.join(", ")}`);
}
