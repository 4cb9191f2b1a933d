import { TextDecoder } from "node:util";
import { LineCounter, parseAllDocuments } from "yaml";
import { DataError } from "../errors.ts";
import { byteStream, fileBytes, fileError, firstBytes } from "./file-bytes.ts";
import { type JsonlLine, type JsonlRow, readJsonlLines } from "./read-jsonl.ts";
import { isRow } from "./row-fields.ts";

/** How a table of rows is stored. `jsonl` and `json` may be gzipped. */
export type TableFormat = "jsonl" | "json" | "yaml" | "toml" | "parquet";

/**
 * Rows of a table: JSONL, a JSON or YAML list, one JSON, YAML or TOML object (one row), several YAML documents, or parquet;
 * told by content first and by the name's ending where the content leaves it open. JSONL is streamed, parquet is read by row
 * group. `line` is a line of the file in JSONL and YAML, else the row's number from 1. Integers of parquet become numbers,
 * texts where a number could not hold them, and its dates ISO texts.
 * @throws DataError naming file and line at the first row that is no object, and where the file cannot be read at all.
 */
export async function* readRows(file: string): AsyncGenerator<JsonlRow> {
  for await (const row of readRowLines(file)) {
    if (!row.ok) throw new DataError(`${file}:${row.line}: ${row.fault}`);
    yield row;
  }
}

/** As `readRows`, but a row that is no object is handed out as data. Faults of the whole file still throw. */
export async function* readRowLines(file: string): AsyncGenerator<JsonlLine> {
  switch (await tableFormat(file)) {
    case "jsonl":
      return yield* readJsonlLines(file);
    case "parquet":
      return yield* (await import("./read-parquet.ts")).readParquetLines(file);
    case "json":
      return yield* objectLines(file, jsonValues(file, await fileText(file)));
    case "yaml":
      return yield* objectLines(file, yamlValues(file, await fileText(file)));
    case "toml":
      return yield* objectLines(file, await tomlValues(file, await fileText(file)));
  }
}

/** Format of a file. JSON that begins with a bracket, or goes on after its first line, is one document in any `.json*` file. */
export async function tableFormat(file: string): Promise<TableFormat> {
  try {
    if ((await firstBytes(file, 4)).toString("latin1") === "PAR1") return "parquet";
    const [, ending] = /\.(\w+)(?:\.gz)?$/.exec(file.toLowerCase()) ?? [];
    if (ending === "yaml" || ending === "yml") return "yaml";
    if (ending === "toml") return "toml";
    return (await isOneDocument(file)) ? "json" : "jsonl";
  } catch (error) {
    throw fileError(file, error);
  }
}

/** Enough for the first line of a pretty-printed document; a longer first line is a row. */
const HEAD_BYTES = 1 << 16;

async function isOneDocument(file: string): Promise<boolean> {
  let head = Buffer.alloc(0);
  for await (const chunk of await byteStream(file)) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= HEAD_BYTES) break;
  }
  const text = head
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  if (text.startsWith("[")) return true;
  // `{`, or `{"key": [` … before the first line feed: an object over several lines.
  const line = text.slice(0, text.indexOf("\n") < 0 ? undefined : text.indexOf("\n")).trim();
  return text.startsWith("{") && text.includes("\n") && /[{[,:]$/.test(line);
}

async function fileText(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await fileBytes(file);
  } catch (error) {
    throw fileError(file, error);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new DataError(`${file}: is not UTF-8 text; save the file as UTF-8`);
  }
}

interface PlacedValue {
  readonly line: number;
  readonly value: unknown;
}

function* objectLines(file: string, values: readonly PlacedValue[]): Generator<JsonlLine> {
  for (const { line, value } of values) {
    if (isRow(value)) yield { ok: true, file, line, value };
    else {
      const found = value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
      yield { ok: false, file, line, fault: `holds ${found}; a row is an object of fields` };
    }
  }
}

/** A list's elements; anything else is one row. */
function rowsOf(document: unknown): readonly unknown[] {
  return Array.isArray(document) ? document : [document];
}

function jsonValues(file: string, text: string): readonly PlacedValue[] {
  try {
    return rowsOf(JSON.parse(text)).map((value, i) => ({ line: i + 1, value }));
  } catch (error) {
    throw new DataError(
      `${file}: is not JSON (${(error as Error).message}); mend it, or write one JSON object a line`,
    );
  }
}

function yamlValues(file: string, text: string): readonly PlacedValue[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, logLevel: "silent" });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const what = error.message.split("\n")[0]!.replace(/ at line \d+.*$/, "");
      throw new DataError(
        `${file}:${lineCounter.linePos(error.pos[0]).line}: is not YAML (${what}); mend the line`,
      );
    }
    const { contents } = document;
    const items = contents !== null && "items" in contents ? contents.items : [];
    const places = items.map((item) => (item as { range?: readonly number[] }).range?.[0] ?? 0);
    const value: unknown = document.toJS();
    if (value === null) return [];
    return rowsOf(value).map((row, i) => ({
      line: lineCounter.linePos((Array.isArray(value) ? places[i] : contents?.range?.[0]) ?? 0).line,
      value: row,
    }));
  });
}

async function tomlValues(file: string, text: string): Promise<readonly PlacedValue[]> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return [{ line: 1, value: parse(text) }];
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new DataError(
      `${file}:${error.line}: is not TOML (${error.message.split("\n")[0]}); mend the line`,
    );
  }
}
