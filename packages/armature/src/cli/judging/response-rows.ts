import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { RowFault, type RowFaultReason, textOf } from "../../data/row-fields.ts";
import { ConfigError, DataError } from "../../errors.ts";
import type { JudgeMode } from "../../judge/judge-modes.ts";
import { PREDEFINED_RUBRIC } from "../../judge/predefined-rubric.ts";
import type { JudgeTask } from "../../judge/rubric-judge.ts";
import { readArmText } from "../../rubric/arm-text.ts";
import { withDefaults } from "../../rubric/check-rubric.ts";
import { readRubricItems } from "../../rubric/read-rubric-items.ts";
import type { Rubric } from "../../rubric/rubric.ts";
import { type InputRow, type InputRows, oneResponse, readInputRows } from "../generation/input-rows.ts";
import type { JudgingOptions } from "./judging-options.ts";
import { type RubricMap, readRubricMap } from "./rubric-map.ts";

/** One response to be judged, and where it stands in the input. */
export interface ResponseRow extends JudgeTask {
  readonly id: string;
  /** Line of the row; in a rubric file the number of its item, from 1. */
  readonly line: number;
  /** Place among the row's responses, from 0. */
  readonly place: number;
  readonly model: string | null;
}

/** Responses that can be judged, and what is wrong with the rows left out. */
export interface ResponseRows {
  readonly rows: readonly ResponseRow[];
  readonly skipped: readonly string[];
}

const RESPONSE_FIELDS = ["response", "output", "completion", "answer", "generation"];
/** Modes that look at no rubric of the row. */
const WITHOUT_RUBRIC: readonly JudgeMode[] = ["predefined", "likert", "reference-likert"];

/**
 * The responses of a file, each with its prompt, rubric and reference. The rubric is the row's own in any known format, that
 * of --rubrics for the same prompt, or --rubric for all. Under `--bad-rows skip`, rows that cannot be used are left out.
 * @throws DataError naming file, line and field at the first row that cannot be used, and where no response is left.
 */
export async function readResponseRows(
  file: string,
  mode: JudgeMode,
  options: JudgingOptions,
  cwd: string,
): Promise<ResponseRows> {
  const path = resolve(cwd, file);
  const { rubric, rubrics, badRows } = options;
  if (rubric !== undefined && rubrics !== undefined)
    throw new ConfigError("which rubrics? give either --rubric or --rubrics");
  const fixed = fixedRubric(mode, rubric === undefined ? null : resolve(cwd, rubric));
  const known = rubrics === undefined ? null : await readRubricMap(resolve(cwd, rubrics));
  const reading = { badRows, referenceField: options.referenceField };
  const responseFields = options.responseField === undefined ? RESPONSE_FIELDS : [options.responseField];
  const open =
    fixed !== null || known !== null
      ? await readInputRows(path, { ...reading, responseFields })
      : await rowsOfRubricFile(path, responseFields, options);
  const rows: ResponseRow[] = [];
  const skipped = [...open.skipped];
  for (const row of open.rows) {
    try {
      rows.push(...responsesOf(row, fixed, known, mode));
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      const place = `${path}:${row.line}: ${error.message}`;
      if (badRows === "strict") throw new DataError(place);
      skipped.push(place);
    }
  }
  if (rows.length === 0)
    throw new DataError(
      `${path}: no row has a response; add a field response, or name it by --response-field`,
    );
  return { rows, skipped };
}

function responsesOf(
  row: InputRow,
  fixed: Rubric | null,
  known: RubricMap | null,
  mode: JudgeMode,
): readonly ResponseRow[] {
  const { id, line, prompt, responses } = row;
  const item = known?.get(prompt);
  const rubric = fixed ?? item?.rubric ?? (known === null ? row.rubric : null);
  if (rubric === null)
    throw new RowFault("bad-rubric", "the prompt", "has no rubric in --rubrics; add one or remove the row");
  const reference = row.reference ?? item?.reference ?? null;
  if (mode === "reference-likert" && reference === null)
    throw new RowFault(
      "missing-field",
      "reference",
      "is missing; add it, name it by --reference-field, or use likert",
    );
  return responses.map(({ text, model }, place) => ({
    ...{ id, line, place, prompt, rubric, response: text, model: model ?? null },
    ...(reference !== null && { reference }),
  }));
}

/** The rubric that all rows are judged by; null where each has its own. @throws DataError where the file holds none. */
export function fixedRubric(mode: JudgeMode, file: string | null): Rubric | null {
  if (WITHOUT_RUBRIC.includes(mode)) return PREDEFINED_RUBRIC;
  if (file === null) return null;
  const reading = readArmText(readFileSync(file, "utf8"));
  if (reading.ok)
    return { criteria: withDefaults(reading.rubric.criteria.map(({ text, kind }) => ({ text, kind }))) };
  throw new DataError(
    `${file}: ${reading.fault}; write numbered lines that end with [Hard Rule] or [Principle], or give another format by --rubrics`,
  );
}

async function rowsOfRubricFile(
  path: string,
  responseFields: readonly string[],
  { badRows, referenceField, responseField }: JudgingOptions,
): Promise<InputRows> {
  const { items, report } = await readRubricItems(path, { badRows });
  const rows: InputRow[] = [];
  const skipped = Object.entries(report.skipped).map(
    ([reason, count]) => `${count} ${reason}, the first ${report.firstSkipped[reason as RowFaultReason]}`,
  );
  for (const [i, { id, prompt, reference, responses, rubric, extra = {} }] of items.entries()) {
    const line = i + 1;
    try {
      if (prompt === null)
        throw new RowFault("missing-field", "prompt", "is missing; add it, or give the rubric by --rubrics");
      rows.push({
        ...{ id, line, prompt, rubric },
        reference: referenceField === undefined ? reference : textOf(extra[referenceField], referenceField),
        responses:
          responses.length > 0 && responseField === undefined
            ? responses
            : oneResponse(extra, responseFields),
      });
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      const place = `${path}:${line}: ${error.message}`;
      if (badRows === "strict") throw new DataError(place);
      skipped.push(place);
    }
  }
  return { rows, skipped };
}
