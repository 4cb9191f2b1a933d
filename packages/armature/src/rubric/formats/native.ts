import { promptId } from "../../data/content-id.ts";
import type { Message, Prompt } from "../../data/prompt.ts";
import { isRow, messagesOf, type Row, RowFault, textOf, wrongType } from "../../data/row-fields.ts";
import type { CriterionVerdict } from "../../judge/criterion-verdict.ts";
import { rubricFault, withDefaults } from "../check-rubric.ts";
import { rubricFingerprint } from "../fingerprint.ts";
import type { CriterionChoice, CriterionKind, ImportanceCategory, Rubric } from "../rubric.ts";
import type { RubricItem, RubricResponse } from "../rubric-item.ts";
import type { RubricFormat } from "./rubric-format.ts";

/** Our own form: an item as JSON. Only `rubric` must be there, and of a criterion only `text`; a rubric may be a list of texts. */
export const nativeFormat: RubricFormat = {
  name: "armature",
  about: "our own rows, JSON or YAML; everything an item holds",
  stored: "rows",
  mapping: [["every field", "the same field"]],
  detect: (row) => {
    const criteria = isRow(row["rubric"]) ? row["rubric"]["criteria"] : undefined;
    const own = Array.isArray(criteria) && criteria.every((item) => isRow(item) && "text" in item);
    return own ? { sure: true, because: "rubric.criteria with texts" } : null;
  },
  read: (row) => [readRubricItem(row)],
  write: (items) => items.map(writeRubricItem),
};

const ITEM_FIELDS = ["id", "prompt", "reference", "responses", "rubric", "format", "extra"];

/**
 * Reads an item from a row of our own form. Fields that are none of an item's go to `extra`.
 * @throws RowFault naming the field.
 */
export function readRubricItem(row: Row): RubricItem {
  const prompt = readPrompt(row["prompt"]);
  const rubric = readRubric(row["rubric"], "rubric");
  const others = Object.entries(row).filter(([name]) => !ITEM_FIELDS.includes(name));
  const extra = { ...Object.fromEntries(others), ...objectOf(row["extra"], "extra") };
  const { id, reference, responses, format } = row;
  return {
    id: id === undefined || id === null ? defaultId(prompt, rubric) : idOf(id, "id"),
    prompt,
    reference: reference === undefined || reference === null ? null : textOf(reference, "reference"),
    responses: listOf(responses ?? [], "responses").map((item, i) =>
      readResponse(item, rubric, `responses[${i}]`),
    ),
    rubric,
    ...(typeof format === "string" && { format }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

/** An item as a row that `readRubricItem` reads back. */
export function writeRubricItem(item: RubricItem): Row {
  return JSON.parse(JSON.stringify(item)) as Row;
}

/** Id of an item whose source has none: that of its prompt, else of what its rubric says. */
export function defaultId(prompt: Prompt | null, rubric: Rubric): string {
  return prompt === null ? rubricFingerprint(rubric) : prompt.id;
}

/** A rubric as JSON: `{criteria}`, a list of criteria, or a list of texts. Checked. @throws RowFault naming the field. */
function readRubric(value: unknown, field: string): Rubric {
  const whole = Array.isArray(value) ? { criteria: value } : value;
  if (!isRow(whole)) throw wrongType(value, field, "give {criteria: [...]} or a list of criteria");
  const criteria = listOf(whole["criteria"], `${field}.criteria`).map((item, i) =>
    readCriterion(item, `${field}.criteria[${i}]`),
  );
  const rubric: Rubric = {
    criteria: withDefaults(criteria),
    ...(whole["title"] !== undefined && { title: textOf(whole["title"], `${field}.title`) }),
    ...(whole["extra"] !== undefined && { extra: objectOf(whole["extra"], `${field}.extra`) }),
  };
  return checkedRubric(rubric, field);
}

/** @throws RowFault where it is no rubric. */
export function checkedRubric(rubric: Rubric, field: string): Rubric {
  const fault = rubricFault(rubric);
  if (fault !== null) throw new RowFault("bad-rubric", `${field}.${fault.field}`, fault.what);
  return rubric;
}

function readCriterion(value: unknown, field: string) {
  if (typeof value === "string") return { text: textOf(value, field) };
  if (!isRow(value)) throw wrongType(value, field, "give a text or {text, weight, polarity}");
  const own = <T extends string>(name: string, words: readonly T[]) =>
    value[name] === undefined ? {} : { [name]: oneOf(value[name], `${field}.${name}`, words) };
  const { id, weight, title, gate, choices, tags, verifier, extra } = value;
  return {
    text: textOf(value["text"], `${field}.text`),
    ...(id !== undefined && id !== null && { id: idOf(id, `${field}.id`) }),
    ...(weight !== undefined && { weight: numberOf(weight, `${field}.weight`) }),
    ...own("polarity", ["good", "bad"]),
    ...(title !== undefined && { title: textOf(title, `${field}.title`) }),
    ...own<CriterionKind>("kind", ["hard-rule", "principle"]),
    ...own<ImportanceCategory>("category", ["essential", "important", "optional", "pitfall"]),
    ...(gate !== undefined && { gate: gate === true }),
    ...(choices !== undefined && {
      choices: listOf(choices, `${field}.choices`).map((choice, i) =>
        readChoice(choice, `${field}.choices[${i}]`),
      ),
    }),
    ...(tags !== undefined && {
      tags: listOf(tags, `${field}.tags`).map((tag, i) => textOf(tag, `${field}.tags[${i}]`)),
    }),
    ...(verifier !== undefined && { verifier: readVerifier(verifier, `${field}.verifier`) }),
    ...(extra !== undefined && { extra: objectOf(extra, `${field}.extra`) }),
  };
}

function readChoice(value: unknown, field: string): CriterionChoice {
  if (!isRow(value)) throw wrongType(value, field, "give {label, value}");
  return {
    label: idOf(value["label"], `${field}.label`),
    ...(value["description"] !== undefined && {
      description: textOf(value["description"], `${field}.description`),
    }),
    value: numberOf(value["value"], `${field}.value`),
  };
}

function readVerifier(value: unknown, field: string) {
  if (!isRow(value)) throw wrongType(value, field, "give {name, parameters}");
  return {
    name: textOf(value["name"], `${field}.name`),
    parameters: objectOf(value["parameters"], `${field}.parameters`),
  };
}

function readPrompt(value: unknown): Prompt | null {
  if (value === undefined || value === null) return null;
  const messages: Message[] = isRow(value)
    ? messagesOf(value["messages"], "prompt.messages")
    : Array.isArray(value)
      ? messagesOf(value, "prompt")
      : [{ role: "user", content: textOf(value, "prompt") }];
  return promptOfMessages(messages, isRow(value) ? value["id"] : undefined);
}

/** @throws RowFault where the conversation does not end with the user's turn. */
export function promptOfMessages(messages: readonly Message[], id?: unknown): Prompt {
  if (messages.at(-1)?.role !== "user")
    throw new RowFault("no-user-turn", "the prompt", "does not end with a user's turn; remove the row");
  return { id: typeof id === "string" && id !== "" ? id : promptId(messages), messages };
}

function readResponse(value: unknown, { criteria }: Rubric, field: string): RubricResponse {
  if (typeof value === "string") return { text: value };
  if (!isRow(value)) throw wrongType(value, field, "give a text or {text, model}");
  const { text, model, verdicts, extra } = value;
  // An empty response is a response, and a bad one.
  if (typeof text !== "string") throw wrongType(text, `${field}.text`, "give the response as a string");
  if (verdicts !== undefined && listOf(verdicts, `${field}.verdicts`).length !== criteria.length) {
    const what = `has ${listOf(verdicts, field).length} entries for ${criteria.length} criteria; give one each, or null`;
    throw new RowFault("wrong-type", `${field}.verdicts`, what);
  }
  return {
    text,
    ...(model !== undefined && { model: textOf(model, `${field}.model`) }),
    ...(verdicts !== undefined && { verdicts: verdicts as readonly (CriterionVerdict | null)[] }),
    ...(extra !== undefined && { extra: objectOf(extra, `${field}.extra`) }),
  };
}

function idOf(value: unknown, field: string): string {
  return typeof value === "number" ? String(value) : textOf(value, field);
}

function numberOf(value: unknown, field: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw wrongType(value, field, "give a finite number");
}

/** @throws RowFault where it is no list. */
export function listOf(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongType(value, field, "give a list");
}

function objectOf(value: unknown, field: string): Row {
  if (value === undefined) return {};
  if (isRow(value)) return value;
  throw wrongType(value, field, "give an object");
}

function oneOf<T extends string>(value: unknown, field: string, words: readonly T[]): T {
  const word = words.find((known) => known === value);
  if (word !== undefined) return word;
  throw new RowFault("wrong-type", field, `is ${JSON.stringify(value)}; known are ${words.join(", ")}`);
}
