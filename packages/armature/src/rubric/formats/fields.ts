import { isRow, type Row, RowFault } from "../../data/row-fields.ts";
import { type Field, list, messages, name, number, promptText, requiredText, text, texts } from "./field.ts";
import { type Layout, variantFormat } from "./layout.ts";

/** Names under which rows of no known format hold the parts of an item, in the order they are tried. */
const LISTS = [
  "rubrics",
  "rubric",
  "criteria",
  "rubric_items",
  "Rubric",
  "checklist",
  "checklists",
  "questions",
] as const;
const ITEM_ALIASES = {
  prompt: [
    "prompt",
    "question",
    "instruction",
    "query",
    "input",
    "initial_prompt",
    "messages",
    "convo",
    "conversation",
  ],
  reference: ["reference_answer", "reference", "ideal_completion", "ground_truth", "answer"],
  id: ["id", "prompt_id", "question_id", "uuid", "key"],
} as const;
const CRITERION_ALIASES = {
  text: [
    "criterion",
    "requirement",
    "description",
    "text",
    "question",
    "rubric_item",
    "rubric_str",
    "Ingredient",
    "point",
    "item",
    "criteria",
  ],
  weight: ["points", "weight", "score", "importance"],
  title: ["title", "name"],
  tags: ["tags", "tag", "type", "category", "axis"],
} as const;

/** Which field holds what, as the last part of an item's `format`: `prompt=query list=rubric text=rubric_item`. */
type Names = Readonly<Record<string, string>>;

/**
 * Rows of no known format: a list of criteria (texts or objects) found by the usual names of its fields. A negative weight
 * counts as bad.
 */
export const fieldsFormat = variantFormat({
  name: "fields",
  about: "any rows with a list of criteria, read by the usual names of fields",
  detect: (row) => {
    const names = namesOf(row);
    return names === null ? null : { sure: false, because: `usual names ${printed(names)}` };
  },
  usual:
    "list=rubrics prompt=prompt reference=reference id=id text=criterion weight=weight title=title tags=tags",
  variantOf: (row) => {
    const names = namesOf(row);
    if (names !== null) return printed(names);
    const what = `has no list of criteria; known names are ${LISTS.join(", ")}`;
    throw new RowFault("unknown-shape", `a row with the fields ${Object.keys(row).join(", ")}`, what);
  },
  layout: (variant) => layoutOf(Object.fromEntries(variant.split(" ").map((part) => part.split("=")))),
});

function layoutOf(names: Names): ReturnType<Parameters<typeof variantFormat>[0]["layout"]> {
  const { list: listName = "rubrics", text: textName } = names;
  const field = <T>(part: string, make: (path: string) => Field<T>) =>
    names[part] === undefined ? {} : { [part]: make(names[part]) };
  const criterion = {
    text: requiredText(textName ?? ""),
    ...field("weight", (path) => number(path, 1)),
    ...field("title", text),
    ...field("tags", texts),
  } as Layout["criterion"];
  return {
    ...field("prompt", names["prompt"]?.match(/^(messages|convo|conversation)$/) ? messages : anyPrompt),
    ...field("reference", text),
    ...field("id", name),
    list: list(listName),
    ...(textName === undefined && { elements: "texts" }),
    criterion,
    sign: "signed",
  };
}

/** A text or a conversation; each is written as it is commonly spelt. */
function anyPrompt(path: string): ReturnType<typeof promptText> {
  return {
    ...promptText(path),
    encode: (value) => (value.length === 1 ? promptText(path).encode(value) : messages(path).encode(value)),
  };
}

function namesOf(row: Row): Names | null {
  const isCriteria = (value: unknown): value is readonly unknown[] =>
    Array.isArray(value) && value.length > 0;
  for (const listName of LISTS) {
    const elements = row[listName];
    if (!isCriteria(elements)) continue;
    const found = { list: listName, ...aliases([row], ITEM_ALIASES, [listName]) };
    if (elements.every((element) => typeof element === "string")) return found;
    if (!elements.every(isRow)) continue;
    const names = aliases(elements, CRITERION_ALIASES, []);
    if (names["text"] !== undefined) return { ...found, ...names };
  }
  return null;
}

/** For each part the first of its names that one of the rows has and no other part took. */
function aliases(
  rows: readonly Row[],
  known: Readonly<Record<string, readonly string[]>>,
  taken: readonly string[],
): Record<string, string> {
  const found: Record<string, string> = {};
  const isFree = (name: string) => !taken.includes(name) && !Object.values(found).includes(name);
  for (const [part, names] of Object.entries(known)) {
    const name = names.find(
      (candidate) => isFree(candidate) && rows.some((row) => (row[candidate] ?? null) !== null),
    );
    if (name !== undefined) found[part] = name;
  }
  return found;
}

function printed(names: Names): string {
  return Object.entries(names)
    .map(([part, name]) => `${part}=${name}`)
    .join(" ");
}
