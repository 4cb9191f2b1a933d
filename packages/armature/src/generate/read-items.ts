import { isRow, type Row } from "../data/row-fields.ts";
import { jsonValues } from "../llm/json-values.ts";
import { withoutThinking } from "../llm/without-thinking.ts";

/** One item of a list of criteria as a model wrote it, before a method gives its fields a meaning. */
export interface WrittenItem {
  readonly text: string;
  /** All fields as they were written; empty for an item of a numbered list. */
  readonly fields: Row;
}

export type ItemsReading =
  | { readonly ok: true; readonly items: readonly WrittenItem[]; readonly repairs: readonly string[] }
  | { readonly ok: false; readonly fault: string };

const LIST_FIELDS = ["criteria", "rubric", "rubrics", "items"];
const TEXT_FIELDS = ["criterion", "description", "text", "statement", "requirement"];
const NUMBERED = /^(?:[-*]\s+)?\**\s*\d+\s*[.)]\s*(.*\S)\s*$/;

/**
 * Reads a list of criteria: a JSON array of objects or texts, alone or under `criteria`, in prose, fences and thoughts, or
 * else a numbered list. Items that repeat an earlier one are dropped and counted as a repair. Faults: `empty-reply`,
 * `no-list`, `empty-list`, `bad-item`.
 */
export function readItems(reply: string): ItemsReading {
  const text = withoutThinking(reply);
  if (text === "") return { ok: false, fault: "empty-reply: nothing was written" };
  const repairs: string[] = [];
  for (const { value, mended } of jsonValues(text)) {
    const list = listIn(value);
    if (list === null) continue;
    if (mended) repairs.push("mended-json: read over its slips");
    return checked(list.map(itemOf), repairs);
  }
  const numbered = text
    .split("\n")
    .flatMap((line) => NUMBERED.exec(line.trim())?.[1]?.replace(/\*\*/g, "") ?? []);
  if (numbered.length === 0)
    return { ok: false, fault: "no-list: neither a JSON list of criteria nor a numbered list" };
  return checked(
    numbered.map((item) => ({ text: item, fields: {} })),
    ["numbered-list: in place of JSON"],
  );
}

/** The list of criteria that a JSON value is or holds; null where it is something else, such as a list of numbers. */
function listIn(value: unknown): readonly unknown[] | null {
  if (isRow(value)) {
    const field = LIST_FIELDS.find((name) => Array.isArray(value[name]));
    return field === undefined ? null : (value[field] as readonly unknown[]);
  }
  const list = value as readonly unknown[];
  return list.some((item) => isRow(item) && TEXT_FIELDS.some((field) => field in item)) ||
    (list.length > 1 && list.every((item) => typeof item === "string"))
    ? list
    : null;
}

function itemOf(value: unknown): WrittenItem | null {
  if (typeof value === "string") return { text: value, fields: {} };
  if (!isRow(value)) return null;
  const field = TEXT_FIELDS.find((name) => typeof value[name] === "string");
  return field === undefined ? null : { text: value[field] as string, fields: value };
}

function checked(items: readonly (WrittenItem | null)[], repairs: readonly string[]): ItemsReading {
  if (items.length === 0) return { ok: false, fault: "empty-list: no criteria" };
  const bad = items.findIndex((item) => item === null || item.text.trim() === "");
  if (bad >= 0) return { ok: false, fault: `bad-item: item ${bad + 1} has no text` };
  const byText = new Map<string, WrittenItem>();
  for (const item of items as readonly WrittenItem[]) {
    const text = item.text.replace(/\s+/g, " ").trim();
    const key = text
      .toLowerCase()
      .replace(/[\s.;,]+/g, " ")
      .trim();
    if (!byText.has(key)) byText.set(key, { text, fields: item.fields });
  }
  const dropped = items.length - byText.size;
  const dropping = dropped === 0 ? [] : [`repeated-item: ${dropped} dropped`];
  return { ok: true, items: [...byText.values()], repairs: [...repairs, ...dropping] };
}

/**
 * A weight between two bounds. What is missing or no number becomes `otherwise`, what is out of bounds the nearest bound;
 * either is told to `repair`.
 */
export function readWeight(
  value: unknown,
  [low, high]: readonly [number, number],
  otherwise: number,
  repair: (what: string) => void,
): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) {
    repair(`missing-weight: ${otherwise} taken`);
    return otherwise;
  }
  if (number < low || number > high) repair(`clamped-weight: ${number} is outside ${low} to ${high}`);
  return Math.min(high, Math.max(low, number));
}
