import type { Message } from "./prompt.ts";

/** Why a row of a data file is not used. */
export type RowFaultReason =
  | "not-json"
  | "unknown-shape"
  | "missing-field"
  | "wrong-type"
  | "unknown-role"
  | "empty-text"
  | "bad-rubric"
  | "no-user-turn"
  | "differs-early"
  | "identical-responses"
  | "unknown-winner"
  | "unknown-instruction"
  | "tie";

/** What is wrong with a row and its mend. Thrown by readers of fields, caught where the row's file and line are known. */
export class RowFault extends Error {
  readonly reason: RowFaultReason;

  constructor(reason: RowFaultReason, field: string, what: string) {
    super(`${field} ${what}`);
    this.reason = reason;
  }
}

export type Row = Readonly<Record<string, unknown>>;

export function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that is not blank. */
export function textOf(value: unknown, field: string): string {
  if (value === undefined || value === null)
    throw new RowFault("missing-field", field, "is missing; add it or remove the row");
  if (typeof value !== "string") throw wrongType(value, field, "give text as a string");
  if (value.trim() === "") throw new RowFault("empty-text", field, "is empty; remove the row");
  return value;
}

const ROLES: Readonly<Record<string, Message["role"]>> = {
  system: "system",
  user: "user",
  human: "user",
  prompter: "user",
  assistant: "assistant",
  gpt: "assistant",
  model: "assistant",
  bot: "assistant",
};

/** A message as `{role, content}`, content being text or text parts, or as `{from, value}`. */
export function messageOf(value: unknown, field: string): Message {
  if (!isRow(value)) throw wrongType(value, field, 'give {"role", "content"} or {"from", "value"}');
  const [roleField, textField] = "from" in value ? ["from", "value"] : ["role", "content"];
  const named = value[roleField];
  const role = typeof named === "string" ? ROLES[named.toLowerCase()] : undefined;
  if (role === undefined) {
    const what = `is ${JSON.stringify(named) ?? "missing"}; known roles are ${Object.keys(ROLES).join(", ")}`;
    throw new RowFault("unknown-role", `${field}.${roleField}`, what);
  }
  const content = value[textField];
  const text = Array.isArray(content) ? joinedParts(content, `${field}.${textField}`) : content;
  return { role, content: textOf(text, `${field}.${textField}`) };
}

function joinedParts(parts: readonly unknown[], field: string): string {
  return parts
    .map((part, i) => {
      if (isRow(part) && part["type"] === "text") return textOf(part["text"], `${field}[${i}].text`);
      throw new RowFault(
        "wrong-type",
        `${field}[${i}]`,
        "is no text; only text can be judged, remove the row",
      );
    })
    .join("");
}

/** Messages of a list. A blank system message says nothing and is left out. */
export function messagesOf(value: unknown, field: string): Message[] {
  if (!Array.isArray(value)) throw wrongType(value, field, "give a list of messages");
  return value.flatMap((message, i) =>
    isBlankSystem(message) ? [] : [messageOf(message, `${field}[${i}]`)],
  );
}

function isBlankSystem(message: unknown): boolean {
  if (!isRow(message) || (message["role"] ?? message["from"]) !== "system") return false;
  const content = message["content"] ?? message["value"];
  return typeof content === "string" && content.trim() === "";
}

export function wrongType(value: unknown, field: string, mend: string): RowFault {
  if (value === undefined) return new RowFault("missing-field", field, `is missing; ${mend}`);
  const found =
    value === null
      ? "null"
      : Array.isArray(value)
        ? `a list of ${value.length}`
        : isRow(value)
          ? "an object"
          : `a ${typeof value}`;
  return new RowFault("wrong-type", field, `is ${found}; ${mend}`);
}
