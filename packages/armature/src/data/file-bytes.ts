import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { DataError } from "../errors.ts";

/** Decompressed bytes of a file; gzip is told by its first bytes, not by the name. */
export async function byteStream(file: string): Promise<AsyncIterable<Buffer>> {
  const [first, second] = await firstBytes(file, 2);
  const source = createReadStream(file);
  // The callback has nothing to do: a failed pipeline also fails the iteration.
  return first === 0x1f && second === 0x8b ? pipeline(source, createGunzip(), () => undefined) : source;
}

/** The first bytes of a file, fewer where it is shorter. */
export async function firstBytes(file: string, count: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The whole of a file, decompressed. */
export async function fileBytes(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await byteStream(file)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "no such file; check the path",
  EISDIR: "is a folder; give a .jsonl or .jsonl.gz file",
  EACCES: "may not be read; check its permissions",
  Z_BUF_ERROR: "the gzip data is cut off; copy or download the file again",
  Z_DATA_ERROR: "the gzip data is damaged; copy or download the file again",
};

/** A failure of the file system or of decompression as one line for its reader; any other error comes back as it is. */
export function fileError(file: string, error: unknown, wholeLines = 0): unknown {
  const fault = FILE_FAULTS[(error as NodeJS.ErrnoException).code ?? ""];
  if (fault === undefined) return error;
  return new DataError(`${file}: ${fault}${wholeLines > 0 ? ` (${wholeLines} lines were whole)` : ""}`, {
    cause: error,
  });
}
