import { isDeepStrictEqual } from "node:util";
import type { Message } from "../../data/prompt.ts";
import { isRow, messagesOf, type Row, RowFault, textOf, wrongType } from "../../data/row-fields.ts";

/** A row that is being taken apart or put together. */
export type OpenRow = Record<string, unknown>;

/** Where a format keeps one part of the model, and how it is spelt there. */
export interface Field<T> {
  /** Names from the outside in, with dots between. */
  readonly path: string;
  /** The value is spread over names of an object that holds others too. */
  readonly within?: boolean;
  /** Undefined where the source says nothing. @throws RowFault where it says something that cannot be meant. */
  decode(raw: unknown): T | undefined;
  /** Undefined where nothing is to be written. */
  encode(value: T): unknown;
}

/**
 * Reads a field and removes it from the row, if writing the value again gives exactly what stood there. What would come back
 * otherwise (a number as text, an explicit default) is read and stays, so that the rest of the row is what `putField` needs.
 */
export function takeField<T>(row: OpenRow, field: Field<T>): T | undefined {
  const raw = valueAt(row, field.path);
  const value = field.decode(raw);
  if (value !== undefined && isDeepStrictEqual(field.encode(value), raw))
    removeAt(row, field.path.split("."));
  return value;
}

/** Inverse of `takeField`: what stands there and means the same stays as it is spelt. */
export function putField<T>(row: OpenRow, field: Field<T>, value: T | undefined): void {
  const kept = valueAt(row, field.path);
  if (kept !== undefined && means(field, kept, value)) return;
  const raw = value === undefined ? undefined : field.encode(value);
  if (raw !== undefined) {
    const whole = field.within && isRow(kept) && isRow(raw) ? { ...kept, ...raw } : raw;
    setAt(row, field.path.split("."), whole);
  } else if (kept !== undefined && !field.within) removeAt(row, field.path.split("."));
}

function means<T>(field: Field<T>, raw: unknown, value: T | undefined): boolean {
  try {
    return isDeepStrictEqual(field.decode(raw), value);
  } catch (error) {
    // Half of what a field needs, while the other half is still to be put.
    if (error instanceof RowFault) return false;
    throw error;
  }
}

/** Own, writable copy of a row. */
export function openRow(row: Row | undefined): OpenRow {
  return structuredClone(row ?? {}) as OpenRow;
}

/** Value at a path, undefined where a part of it is missing. */
export function valueAt(row: Row, path: string): unknown {
  let value: unknown = row;
  for (const name of path.split(".")) value = isRow(value) ? value[name] : undefined;
  return value;
}

function setAt(row: OpenRow, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) row[name] = value;
  else {
    const inner = row[name];
    const open: OpenRow = isRow(inner) ? (inner as OpenRow) : {};
    row[name] = open;
    setAt(open, rest, value);
  }
}

/** An object that is left empty goes too; it comes back with its field. */
function removeAt(row: OpenRow, [name = "", ...rest]: readonly string[]): void {
  const inner = row[name];
  if (rest.length > 0 && isRow(inner)) {
    removeAt(inner as OpenRow, rest);
    if (Object.keys(inner).length > 0) return;
  }
  delete row[name];
}

/** A text that must be there. */
export function requiredText(path: string): Field<string> {
  return { path, decode: (raw) => textOf(raw, path), encode: (value) => value };
}

/** A text; anything else says nothing. */
export function text(path: string): Field<string> {
  return {
    path,
    decode: (raw) => (typeof raw === "string" && raw.trim() !== "" ? raw : undefined),
    encode: (value) => value,
  };
}

/** A name as text or number. */
export function name(path: string): Field<string> {
  return {
    path,
    decode: (raw) => (typeof raw === "number" ? String(raw) : text(path).decode(raw)),
    encode: (value) => value,
  };
}

/** A number, also one in a text; must be there unless a default is given, which is not written. */
export function number(path: string, fallback?: number): Field<number> {
  return {
    path,
    decode: (raw) => {
      if (fallback !== undefined && (raw === undefined || raw === null)) return undefined;
      const value = typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw;
      if (typeof value === "number" && Number.isFinite(value)) return value;
      throw wrongType(raw, path, "give a finite number");
    },
    encode: (value) => (value === fallback ? undefined : value),
  };
}

/** A list of texts, or one text in its place; empty says nothing. */
export function texts(path: string): Field<readonly string[]> {
  return {
    path,
    decode: (raw) => {
      const list = typeof raw === "string" && raw.trim() !== "" ? [raw] : raw;
      const all = Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === "string");
      return all ? (list as string[]) : undefined;
    },
    encode: (value) => value,
  };
}

/** A list that must be there and not empty. */
export function list(path: string): Field<readonly unknown[]> {
  return {
    path,
    decode: (raw) => {
      if (Array.isArray(raw)) return raw;
      throw wrongType(raw, path, "give a list of criteria");
    },
    encode: (value) => value,
  };
}

/** A conversation as `{role, content}`. */
export function messages(path: string): Field<readonly Message[]> {
  return {
    path,
    decode: (raw) => (raw === undefined || raw === null ? undefined : messagesOf(raw, path)),
    encode: (value) => value.map(({ role, content }) => ({ role, content })),
  };
}

/** A prompt that is one text, the user's; a longer conversation is written with the roles before the turns. */
export function promptText(path: string): Field<readonly Message[]> {
  return {
    path,
    decode: (raw) => {
      if (Array.isArray(raw)) return messagesOf(raw, path);
      const content = text(path).decode(raw);
      return content === undefined ? undefined : [{ role: "user", content }];
    },
    encode: (value) =>
      value.length === 1
        ? value[0]!.content
        : value.map(({ role, content }) => `${role}: ${content}`).join("\n\n"),
  };
}
