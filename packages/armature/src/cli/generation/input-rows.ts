import { contentId } from "../../data/content-id.ts";
import { PAIR_SHAPES } from "../../data/pair-shapes.ts";
import type { BadRows } from "../../data/preference-pairs.ts";
import type { Prompt } from "../../data/prompt.ts";
import type { JsonlLine } from "../../data/read-jsonl.ts";
import { messagesOfRow } from "../../data/read-prompts.ts";
import { readRowLines } from "../../data/read-rows.ts";
import { isRow, type Row, RowFault, textOf, wrongType } from "../../data/row-fields.ts";
import { DataError } from "../../errors.ts";
import { detectFormat } from "../../rubric/detect-format.ts";
import { promptOfMessages } from "../../rubric/formats/native.ts";
import type { RubricFormat } from "../../rubric/formats/rubric-format.ts";
import type { Rubric } from "../../rubric/rubric.ts";
import type { RubricItem, RubricResponse } from "../../rubric/rubric-item.ts";

/** A prompt with what stands beside it in its row. */
export interface InputRow {
  readonly id: string;
  readonly line: number;
  readonly prompt: Prompt;
  readonly reference: string | null;
  readonly responses: readonly RubricResponse[];
  readonly rubric: Rubric | null;
}

/** Rows that can be used, and `file:line: what` of those left out. */
export interface InputRows {
  readonly rows: readonly InputRow[];
  readonly skipped: readonly string[];
}

/** How rows are read. */
export interface InputReading {
  readonly badRows: BadRows;
  /** Field that holds the reference; default one of the usual names. */
  readonly referenceField?: string | undefined;
  /** Fields that may hold one response, in the order they are tried; a row's `responses` go before. Default none. */
  readonly responseFields?: readonly string[];
  readonly need?: RowNeed;
}

/** What a job needs of a row, told apart from what every row must have. @throws RowFault where it is not there. */
export type RowNeed = (row: InputRow) => void;

/**
 * Reads prompts with references, responses and rubrics where rows have them: rubric rows of any known format, preference
 * pairs in any layout (`chosen` ranks first), and rows of a prompt with `responses`.
 * @throws DataError naming file, line and field at the first bad row (`strict`), and where no row is left.
 */
export async function readInputRows(
  file: string,
  { badRows, need, ...fields }: InputReading,
): Promise<InputRows> {
  const rows: InputRow[] = [];
  const skipped: string[] = [];
  const lines: JsonlLine[] = [];
  for await (const line of readRowLines(file)) lines.push(line);
  const format = rubricFormatOf(lines);
  for (const line of lines) {
    try {
      const own = rowsOfLine(line, format, fields);
      for (const row of own) need?.(row);
      rows.push(...own);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      const place = `${file}:${line.line}: ${error.message}`;
      if (badRows === "strict") throw new DataError(place);
      skipped.push(place);
    }
  }
  if (rows.length > 0) return { rows, skipped };
  throw new DataError(
    skipped.length === 0
      ? `${file}: holds no rows; give one prompt a line`
      : `${file}: none of ${skipped.length} rows can be used; the first: ${skipped[0]}`,
  );
}

/** Rows with equal keys are the same work. */
export function inputKey({ prompt, reference, responses, rubric }: InputRow): string {
  return contentId([prompt.id, reference, responses.map(({ text }) => text), rubric]);
}

const LOOKED_AT = 20;

/** The rubric format of the file; null where its rows hold no rubrics, or leave open which kind. */
function rubricFormatOf(lines: readonly JsonlLine[]): RubricFormat | null {
  const detection = detectFormat(lines.slice(0, LOOKED_AT).flatMap((line) => (line.ok ? [line.value] : [])));
  return detection.found ? detection.format : null;
}

function rowsOfLine(
  line: JsonlLine,
  format: RubricFormat | null,
  { referenceField, responseFields = [] }: Pick<InputReading, "referenceField" | "responseFields">,
): readonly InputRow[] {
  if (!line.ok) throw new RowFault("not-json", "the line", line.fault);
  const row = line.value;
  const named =
    referenceField === undefined ? undefined : { reference: textOf(row[referenceField], referenceField) };
  const items = format?.read(row) ?? [];
  const pair = PAIR_SHAPES.map((shape) => ({ shape, fields: shape.fields(row) })).find(
    ({ fields }) => fields !== null,
  );
  if (pair !== undefined) {
    const { messages, chosen, rejected } = pair.shape.read(row, pair.fields!);
    const prompt = promptOfMessages(messages);
    const responses = [chosen, rejected].map((text, i) => ({ text, extra: { rank: i + 1 } }));
    const [item] = items;
    return [
      {
        ...{ ...idOf(row, prompt), line: line.line, prompt, responses },
        reference: item?.reference ?? referenceOf(row),
        rubric: item?.rubric ?? null,
        ...named,
      },
    ];
  }
  if (items.length > 0)
    return items.map((item) => ({ ...rowOfItem(item, row, responseFields), line: line.line, ...named }));
  const prompt = promptOfMessages(messagesOfRow(row));
  const responses =
    row["responses"] === undefined ? oneResponse(row, responseFields) : responsesOf(row["responses"]);
  return [
    {
      ...{ ...idOf(row, prompt), line: line.line, prompt, responses },
      reference: referenceOf(row),
      rubric: null,
      ...named,
    },
  ];
}

function rowOfItem(
  { id, prompt, reference, responses, rubric }: RubricItem,
  row: Row,
  responseFields: readonly string[],
): Omit<InputRow, "line"> {
  return {
    ...{ id, reference, rubric },
    prompt: prompt ?? promptOfMessages(messagesOfRow(row)),
    responses: responses.length > 0 ? responses : oneResponse(row, responseFields),
  };
}

function idOf(row: Row, prompt: Prompt): { readonly id: string } {
  const id = row["id"] ?? row["prompt_id"];
  return { id: typeof id === "string" || typeof id === "number" ? String(id) : prompt.id };
}

/** The response in the first of the fields that the row has, with the name of its writer; none where it has none of them. */
export function oneResponse(row: Row, fields: readonly string[]): readonly RubricResponse[] {
  const field = fields.find((name) => row[name] !== undefined && row[name] !== null);
  if (field === undefined) return [];
  const text = row[field];
  if (typeof text !== "string") throw wrongType(text, field, "give the response as a string");
  const model = row["model"] ?? row["generator"];
  return [{ text, ...(typeof model === "string" && { model }) }];
}

const REFERENCE_FIELDS = ["reference", "reference_answer", "reference_output", "ideal_completion"];

function referenceOf(row: Row): string | null {
  const field = REFERENCE_FIELDS.find((name) => typeof row[name] === "string" && row[name].trim() !== "");
  return field === undefined ? null : (row[field] as string);
}

/** A response as text or as an object; what it says beside its text and model is kept. */
function responsesOf(value: unknown): readonly RubricResponse[] {
  if (!Array.isArray(value)) throw wrongType(value, "responses", "give a list of texts or of {text, model}");
  return value.map((item, i): RubricResponse => {
    if (typeof item === "string") return { text: item };
    if (!isRow(item)) throw wrongType(item, `responses[${i}]`, "give a text or {text, model}");
    const { text, model, extra, ...others } = item;
    if (typeof text !== "string")
      throw wrongType(text, `responses[${i}].text`, "give the response as a string");
    const all = { ...others, ...(isRow(extra) ? extra : {}) };
    return {
      text,
      ...(typeof model === "string" && { model }),
      ...(Object.keys(all).length > 0 && { extra: all }),
    };
  });
}
