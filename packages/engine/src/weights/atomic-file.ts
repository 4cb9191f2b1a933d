import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ModelFileError } from "../errors.ts";

/** What was written, hashed on its way to the disk: a later reader detects damage that happened in between. */
export interface WrittenFile {
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes a file whole or not at all: temporary file beside it, fsync, rename, fsync of the folder.
 * Throws `ModelFileError` (full disk, no permission …); what stood at `path` before is then unchanged.
 */
export function writeFileAtomically(path: string, chunks: Iterable<Uint8Array>): WrittenFile {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const written = writeAndSync(temporary, chunks);
    renameSync(temporary, path);
    syncFolder(dirname(path));
    return written;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new ModelFileError(`${path}: cannot be written: ${writeFailure(error)}`, { cause: error });
  }
}

/** Makes a rename or a creation inside the folder survive a power cut. */
export function syncFolder(path: string): void {
  // Windows can neither open nor fsync a folder; renames are journalled there.
  if (process.platform === "win32") return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Why a file could not be written and what to do, in words. */
export function writeFailure(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT")
    return "the disk is full; free some space or choose another folder";
  if (code === "EFBIG") return "it exceeds the largest file allowed here (see `ulimit -f`)";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return "no permission; choose another folder";
  if (code === "ENOENT") return "its folder does not exist; create it first";
  return message;
}

function writeAndSync(path: string, chunks: Iterable<Uint8Array>): WrittenFile {
  const hash = createHash("sha256");
  let bytes = 0;
  const descriptor = openSync(path, "w");
  try {
    for (const chunk of chunks) {
      hash.update(chunk);
      // A single write may be partial, on a nearly full disk or above 2 GiB.
      for (let done = 0; done < chunk.length; )
        done += writeSync(descriptor, chunk, done, Math.min(chunk.length - done, 2 ** 30));
      bytes += chunk.length;
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return { bytes, sha256: hash.digest("hex") };
}
