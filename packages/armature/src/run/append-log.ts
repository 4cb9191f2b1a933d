import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { RunError } from "../errors.ts";

/** One file that only grows. Its length in bytes is the position that a committed state remembers. */
export class AppendLog {
  readonly path: string;
  readonly #file: number;

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "a");
  }

  /** @throws RunError where the disk refuses; what was half written is cut away when the run is resumed. */
  append(data: string | Uint8Array): void {
    try {
      writeFileSync(this.#file, data);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  get length(): number {
    return fstatSync(this.#file).size;
  }

  /** Returns when everything appended is on the disk. */
  sync(): void {
    try {
      fsyncSync(this.#file);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/**
 * Cuts a log back to a length that was committed.
 * @throws RunError where the log is shorter than that, for then something was lost.
 */
export function cutBack(path: string, length: number): void {
  const actual = existsSync(path) ? statSync(path).size : 0;
  if (actual < length) {
    throw new RunError(
      `${path}: ${actual} bytes, but the last commit recorded ${length}: the file was changed after it was written; start over with --fresh or under another --name`,
    );
  }
  if (actual > length) truncateSync(path, length);
}

/** A failed write as one line that says what to do; a full disk loses nothing that was committed. */
export function writeFailure(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new RunError(
    `${path}: the disk is full; free some space and run the same command again, it goes on from the last commit`,
    { cause: error },
  );
}
