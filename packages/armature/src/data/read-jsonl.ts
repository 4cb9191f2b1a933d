import { TextDecoder } from "node:util";
import { DataError } from "../errors.ts";
import { byteStream, fileError } from "./file-bytes.ts";

/** One JSON object of a file. Lines count from 1, empty ones included; where a file has no lines, rows are counted. */
export interface JsonlRow {
  readonly file: string;
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A row, or what is wrong with its line and how to mend it. */
export type JsonlLine =
  | ({ readonly ok: true } & JsonlRow)
  | { readonly ok: false; readonly file: string; readonly line: number; readonly fault: string };

/**
 * Streams the rows of a JSONL file, plain or gzipped (told by its first bytes). Empty lines and a byte order mark are
 * skipped. Throws `DataError` with file and line at the first line that is no JSON object, and where the file is missing
 * or its gzip data is damaged or cut off.
 */
export async function* readJsonl(file: string): AsyncGenerator<JsonlRow> {
  for await (const line of readJsonlLines(file)) {
    if (!line.ok) throw new DataError(`${file}:${line.line}: ${line.fault}`);
    yield line;
  }
}

/** As `readJsonl`, but a bad line is handed out as data. Faults of the whole file still throw. */
export async function* readJsonlLines(file: string): AsyncGenerator<JsonlLine> {
  // Decoding line by line gives an invalid byte a line number and drops a BOM at the start of any line (joined files).
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 0;
  try {
    for await (const bytes of splitLines(await byteStream(file))) {
      line++;
      const reading = readObject(decoder, bytes);
      if (reading !== null) yield { file, line, ...reading };
    }
  } catch (error) {
    throw fileError(file, error, line);
  }
}

type ObjectReading = { ok: true; value: Record<string, unknown> } | { ok: false; fault: string };

/** Null for an empty line. */
function readObject(decoder: TextDecoder, bytes: Buffer): ObjectReading | null {
  let text: string;
  try {
    text = decoder.decode(bytes).trim();
  } catch {
    return { ok: false, fault: "is not UTF-8 text; save the file as UTF-8" };
  }
  if (text === "") return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { ok: true, value: value as Record<string, unknown> };
    const found = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
    return { ok: false, fault: `holds ${found}; write one JSON object a line (jq -c '.[]' splits an array)` };
  } catch (error) {
    const mend =
      text === "[" || text === "{"
        ? "write each object on a line of its own (jq -c '.[]' splits an array, jq -c . joins lines)"
        : "write one JSON object a line";
    return { ok: false, fault: `is not JSON (${(error as Error).message}); ${mend}` };
  }
}

/** Bytes between line feeds; the line feed that ends a file starts no further line. */
async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...pieces, chunk.subarray(start, end)]);
      pieces = [];
      start = end + 1;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
  }
  if (pieces.length > 0) yield Buffer.concat(pieces);
}
