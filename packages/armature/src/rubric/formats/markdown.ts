import { type Row, RowFault } from "../../data/row-fields.ts";
import { type CriterionParts, withDefaults } from "../check-rubric.ts";
import type { Criterion, CriterionChoice } from "../rubric.ts";
import type { RubricItem } from "../rubric-item.ts";
import { checkedRubric, defaultId, promptOfMessages, readRubricItem, writeRubricItem } from "./native.ts";
import type { RubricFormat } from "./rubric-format.ts";

/**
 * Our own form to read and edit by hand: a heading a rubric, a list item a criterion, its properties in brackets before the
 * text. What has no place there stands in a comment of JSON below its rubric.
 *
 *     ## the id
 *
 *     Prompt:
 *
 *     > the user's text
 *
 *     - [3] Says why
 *     - [2 bad gate #style] Is rude
 *       - no: 0
 */
export const markdownFormat: RubricFormat = {
  name: "markdown",
  about: "our own Markdown: a heading a rubric, a list item a criterion",
  stored: "text",
  mapping: [
    ["heading", "id"],
    ["quote below Prompt:", "prompt"],
    ["quote below Reference:", "reference"],
    ["list item", "criterion.text"],
    ["brackets", "criterion.weight, polarity, gate, kind, category, id, tags"],
    ["inner list item", "criterion.choices"],
  ],
  detect: (row) => {
    const text = row["text"];
    const own = typeof text === "string" && Object.keys(row).length === 1;
    return own && /^## /m.test(text) && /^- /m.test(text)
      ? { sure: true, because: "headings with list items below" }
      : null;
  },
  read: (row) => readMarkdown(String(row["text"])),
  write: (items) => [{ text: `${items.map(writeMarkdown).join("\n")}` }],
};

const KINDS = ["hard-rule", "principle"];
const CATEGORIES = ["essential", "important", "optional", "pitfall"];
const quoted = (text: string) =>
  text
    .split("\n")
    .map((line) => (line === "" ? ">" : `> ${line}`))
    .join("\n");
const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

function writeMarkdown(item: RubricItem): string {
  const { id, prompt, reference, rubric } = item;
  const [message] = prompt?.messages ?? [];
  const asked = prompt?.messages.length === 1 ? message?.content : undefined;
  const parts = [
    `## ${oneLine(id)}`,
    ...(asked === undefined ? [] : ["Prompt:", quoted(asked)]),
    ...(reference === null ? [] : ["Reference:", quoted(reference)]),
    rubric.criteria.map(writeCriterion).join("\n"),
  ];
  const text = `${parts.join("\n\n")}\n`;
  // What the text alone would not give back is written beside it, and nothing twice.
  const [read] = readMarkdown(text);
  const whole = writeRubricItem(item);
  if (JSON.stringify(sorted(read && writeRubricItem(read))) === JSON.stringify(sorted(whole))) return text;
  const json = JSON.stringify(beside(item, read)).replaceAll("-->", "--\\u003e");
  return `${text}\n<!-- armature ${json} -->\n`;
}

/** Fields of the item that the text does not hold. Criteria are named by place: only what a line lacks. */
function beside(item: RubricItem, read: RubricItem | undefined): Row {
  const lacks = (a: unknown, b: unknown) => JSON.stringify(sorted(a)) !== JSON.stringify(sorted(b));
  const { rubric, ...rest } = item;
  const fields = Object.entries(rest).filter(([name, value]) =>
    lacks(value, read?.[name as keyof RubricItem]),
  );
  const criteria = rubric.criteria.map((criterion, i) =>
    Object.fromEntries(
      Object.entries(criterion).filter(([name, value]) =>
        lacks(value, read?.rubric.criteria[i]?.[name as keyof Criterion]),
      ),
    ),
  );
  return {
    ...Object.fromEntries(fields),
    ...(rubric.title !== undefined && { title: rubric.title }),
    ...(rubric.extra !== undefined && { rubricExtra: rubric.extra }),
    ...(criteria.some((criterion) => Object.keys(criterion).length > 0) && { criteria }),
  };
}

function writeCriterion(criterion: Criterion, index: number): string {
  const { id, text, weight, polarity, kind, category, gate, choices, tags } = criterion;
  const marks = [
    String(weight),
    ...(polarity === "bad" ? ["bad"] : []),
    ...(gate ? ["gate"] : []),
    ...(kind === undefined ? [] : [kind]),
    ...(category === undefined ? [] : [category]),
    ...(id === `c${index + 1}` || !/^[\w.:/-]+$/.test(id) ? [] : [`id=${id}`]),
    ...(tags ?? []).filter((tag) => /^[^\s\]#]+$/.test(tag)).map((tag) => `#${tag}`),
  ];
  const levels = (choices ?? []).map(
    ({ label, value, description }) =>
      `  - ${oneLine(label)}: ${value}${description === undefined ? "" : ` — ${oneLine(description)}`}`,
  );
  return [`- [${marks.join(" ")}] ${oneLine(text)}`, ...levels].join("\n");
}

function readMarkdown(text: string): readonly RubricItem[] {
  // Line feeds alone end lines here: `^` and `.` of patterns also stop at U+2028, which texts may hold.
  return `\n${text.replaceAll("\r\n", "\n")}`.split("\n## ").slice(1).map(readSection);
}

function readSection(section: string): RubricItem {
  const [heading = "", ...lines] = section.split("\n");
  const field = `## ${heading.trim()}`;
  const quotes: Record<string, string[]> = { Prompt: [], Reference: [] };
  const criteria: CriterionParts[] = [];
  let quote = "";
  for (const line of lines) {
    const [, name] = /^(Prompt|Reference):\s*$/.exec(line) ?? [];
    const [, said] = /^>( .*|)$/s.exec(line) ?? [];
    const [, item] = /^- (.*)$/s.exec(line) ?? [];
    const [, level] = /^\s+- (.*)$/s.exec(line) ?? [];
    if (name !== undefined) quote = name;
    else if (said !== undefined && quote !== "") quotes[quote]!.push(said.slice(1));
    else if (item !== undefined) criteria.push(readItem(item));
    else if (level !== undefined && criteria.length > 0) addChoice(criteria, level, field);
  }
  const prompt =
    quotes["Prompt"]!.length === 0
      ? null
      : promptOfMessages([{ role: "user", content: quotes["Prompt"]!.join("\n") }]);
  const rubric = checkedRubric({ criteria: withDefaults(criteria) }, field);
  const read: RubricItem = {
    id: heading.trim() || defaultId(prompt, rubric),
    prompt,
    reference: quotes["Reference"]!.length === 0 ? null : quotes["Reference"]!.join("\n"),
    responses: [],
    rubric,
  };
  const [, json] = /<!-- armature (\{.*\}) -->/s.exec(section) ?? [];
  return json === undefined ? read : withComment(read, json, field);
}

function readItem(item: string): CriterionParts {
  const [, marks = "", text = item] = /^\[([^\]]*)\]\s+(.*)$/s.exec(item) ?? [];
  const words = marks.split(/\s+/).filter((word) => word !== "");
  const weight = words.find((word) => Number.isFinite(Number(word)));
  const id = words.find((word) => word.startsWith("id="))?.slice(3);
  const kind = words.find((word) => KINDS.includes(word)) as Criterion["kind"];
  const category = words.find((word) => CATEGORIES.includes(word)) as Criterion["category"];
  const tags = words.filter((word) => word.startsWith("#")).map((word) => word.slice(1));
  return {
    text: text.trim(),
    ...(weight !== undefined && { weight: Number(weight) }),
    ...(words.includes("bad") && { polarity: "bad" as const }),
    ...(words.includes("gate") && { gate: true }),
    ...(id !== undefined && { id }),
    ...(kind !== undefined && { kind }),
    ...(category !== undefined && { category }),
    ...(tags.length > 0 && { tags }),
  };
}

function addChoice(criteria: CriterionParts[], level: string, field: string): void {
  const [, label, value, description] = /^(.*): ([\d.e-]+)(?: — (.*))?$/s.exec(level) ?? [];
  if (label === undefined)
    throw new RowFault(
      "wrong-type",
      field,
      `has the level ${JSON.stringify(level)}; write "label: value from 0 to 1"`,
    );
  const choice: CriterionChoice = {
    label,
    ...(description !== undefined && { description }),
    value: Number(value),
  };
  const last = criteria.at(-1)!;
  criteria[criteria.length - 1] = { ...last, choices: [...(last.choices ?? []), choice] };
}

function withComment(read: RubricItem, json: string, field: string): RubricItem {
  let row: Row;
  try {
    row = JSON.parse(json) as Row;
  } catch {
    throw new RowFault("not-json", field, "has a comment that is no JSON; mend or remove the comment");
  }
  const { criteria, title, rubricExtra, ...rest } = row;
  const added = (criteria ?? []) as readonly Row[];
  return readRubricItem({
    ...writeRubricItem(read),
    ...rest,
    rubric: {
      criteria: read.rubric.criteria.map((criterion, i) => ({ ...criterion, ...added[i] })),
      ...(title !== undefined && { title }),
      ...(rubricExtra !== undefined && { extra: rubricExtra }),
    },
  });
}

/** For comparison: order of names does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => [name, sorted(item)]);
}
