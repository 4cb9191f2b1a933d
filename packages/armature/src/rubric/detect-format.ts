import type { Row } from "../data/row-fields.ts";
import { RUBRIC_FORMATS } from "./formats/all-formats.ts";
import { fieldsFormat } from "./formats/fields.ts";
import type { RubricFormat } from "./formats/rubric-format.ts";
import { linesFormat } from "./formats/text-lists.ts";

/** What rows were taken for and why, or which formats they might be. */
export type FormatDetection =
  | { readonly found: true; readonly format: RubricFormat; readonly because: string }
  | { readonly found: false; readonly candidates: readonly string[] };

/** Formats that take what no other knows. */
const LAST_RESORTS: readonly RubricFormat[] = [fieldsFormat, linesFormat];

/**
 * Tells the format of rows. A format that only such rows have wins over one that might have them, and both over the general
 * ones; two that are equally likely are candidates, and nothing is chosen.
 */
export function detectFormat(rows: readonly Row[]): FormatDetection {
  const votes = RUBRIC_FORMATS.map((format) => {
    const detections = rows.flatMap((row) => format.detect(row) ?? []);
    const sure = detections.filter((detection) => detection.sure).length;
    return { format, sure, likely: detections.length, because: detections[0]?.because ?? "" };
  }).filter(({ likely }) => likely > 0);
  const special = votes.filter(({ format }) => !LAST_RESORTS.includes(format));
  for (const group of [special.filter(({ sure }) => sure > 0), special, votes]) {
    const [first, ...others] = group;
    if (first === undefined) continue;
    if (others.length > 0) return { found: false, candidates: group.map(({ format }) => format.name) };
    const count = first.likely === rows.length ? "" : ` in ${first.likely} of ${rows.length} rows`;
    return { found: true, format: first.format, because: `${first.because}${count}` };
  }
  return { found: false, candidates: [] };
}

/** Rows that are criteria themselves, as one row with their list; null where they are none. */
export function criteriaAsRow(rows: readonly Row[]): Row | null {
  const isCriterion = (row: Row) =>
    "requirement" in row ||
    (["criterion", "description", "text"].some((name) => typeof row[name] === "string") &&
      ["weight", "points"].some((name) => typeof row[name] === "number"));
  if (rows.length === 0 || !rows.every(isCriterion)) return null;
  const list = rows.every((row) => typeof row["name"] === "string" && typeof row["text"] === "string");
  return { [list ? "criteria" : "rubric"]: rows };
}
