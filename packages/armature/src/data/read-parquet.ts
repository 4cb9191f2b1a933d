import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { decompress as zstdDecompress } from "fzstd";
import { asyncBufferFromFile, type Compressors, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { DataError } from "../errors.ts";
import { fileError } from "./file-bytes.ts";
import type { JsonlLine } from "./read-jsonl.ts";

/** Snappy, the usual codec, is hyparquet's own; Node has no zstd before 22.15. */
const COMPRESSORS: Compressors = {
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  ZSTD: (input, outputLength) => zstdDecompress(input, new Uint8Array(outputLength)),
};

/** Rows of a parquet file, one row group in memory at a time; `line` is the row's number from 1. */
export async function* readParquetLines(path: string): AsyncGenerator<JsonlLine> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const rows = await parquetReadObjects({ file, metadata, compressors: COMPRESSORS, rowStart, rowEnd });
      for (const [i, row] of rows.entries())
        yield { ok: true, file: path, line: rowStart + i + 1, value: plain(row) as Record<string, unknown> };
      rowStart = rowEnd;
    }
  } catch (error) {
    const known = fileError(path, error);
    if (known !== error || !(error instanceof Error)) throw known;
    const mend = /unsupported compression codec/.test(error.message)
      ? "write it again with snappy compression"
      : "copy or download the file again";
    throw new DataError(`${path}: is no readable parquet file (${error.message}); ${mend}`, { cause: error });
  }
}

/** Values as JSON has them. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as unknown[], plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
