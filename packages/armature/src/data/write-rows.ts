import { gzipSync } from "node:zlib";
import { ConfigError, DataError } from "../errors.ts";
import { writeFileAtomic } from "../run/atomic-file.ts";
import { toJson, toJsonLines } from "../run/json-lines.ts";
import { isRow } from "./row-fields.ts";

type RowsToBytes = (rows: readonly unknown[]) => Promise<string | Uint8Array> | string | Uint8Array;

/** By the name's ending, a final `.gz` apart. */
const ENDINGS: Readonly<Record<string, RowsToBytes>> = {
  jsonl: toJsonLines,
  ndjson: toJsonLines,
  json: (rows) => `${toJson(rows, 2)}\n`,
  yaml: yamlText,
  yml: yamlText,
  parquet: parquetBytes,
};

/** @throws ConfigError where no table can be written under this name; call it before the work, not after. */
export function checkRowsPath(path: string): void {
  rowsToBytes(path);
}

/**
 * Writes a table whole or not at all: JSONL, a JSON or YAML list (each also `.gz`) or parquet, by the name's ending; any
 * other ending is a `ConfigError`. In parquet a column whose values are not all texts, numbers or booleans is stored as JSON,
 * and a field that a row lacks is null.
 */
export async function writeRows(path: string, rows: readonly unknown[]): Promise<void> {
  const bytes = await rowsToBytes(path)(rows);
  writeFileAtomic(path, path.toLowerCase().endsWith(".gz") ? gzipSync(bytes) : bytes);
}

type ObjectToText = (value: unknown) => Promise<string> | string;

const DOCUMENT_ENDINGS: Readonly<Record<string, ObjectToText>> = {
  json: (value) => `${toJson(value, 2)}\n`,
  yaml: yamlText,
  yml: yamlText,
  toml: async (value) => (await import("smol-toml")).stringify(JSON.parse(toJson(value))),
};

/**
 * One object as the text of a whole file, JSON, YAML or TOML by the name's ending.
 * @throws ConfigError for any other ending.
 */
export async function documentText(path: string, value: unknown): Promise<string> {
  const write = DOCUMENT_ENDINGS[/\.(\w+)$/.exec(path.toLowerCase())?.[1] ?? ""];
  if (write !== undefined) return write(value);
  throw new ConfigError(`${path}: this format is one object; end the name with .json, .yaml or .toml`);
}

async function yamlText(value: unknown): Promise<string> {
  return (await import("yaml")).stringify(JSON.parse(toJson(value)), { lineWidth: 0 });
}

function rowsToBytes(path: string): RowsToBytes {
  const [, ending, gz] = /\.(\w+?)(\.gz)?$/.exec(path.toLowerCase()) ?? [];
  const write = ENDINGS[ending ?? ""];
  if (write !== undefined && !(ending === "parquet" && gz !== undefined)) return write;
  throw new ConfigError(
    `${path}: no table is written under this name; end it with .jsonl, .jsonl.gz, .json, .yaml or .parquet`,
  );
}

async function parquetBytes(rows: readonly unknown[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const table = rows.map((row, i) => {
    if (isRow(row)) return row;
    throw new DataError(`row ${i + 1} is no object; only objects can be rows of a parquet file`);
  });
  const names = [...new Set(table.flatMap((row) => Object.keys(row)))];
  const columnData = names.map((name) => {
    const data = table.map((row) => row[name] ?? null);
    const type = columnType(data);
    // The writer drops what JSON lacks; toJson keeps it as text, as in every other format.
    return { name, data: type === "JSON" ? data.map((value) => JSON.parse(toJson(value))) : data, type };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function columnType(data: readonly unknown[]): "STRING" | "DOUBLE" | "BOOLEAN" | "JSON" {
  const types = new Set(data.filter((value) => value !== null).map((value) => typeof value));
  const [type = "string"] = types;
  if (types.size > 1) return "JSON";
  if (type === "string") return "STRING";
  if (type === "number") return "DOUBLE";
  return type === "boolean" ? "BOOLEAN" : "JSON";
}
