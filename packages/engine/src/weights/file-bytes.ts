import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ModelFileError } from "../errors.ts";

/** Random access to an open file. Every read is checked against the size, so a truncated file is a named error. */
export class FileBytes {
  readonly path: string;
  readonly size: number;
  readonly #descriptor: number;

  /** Throws `ModelFileError` where the path is no readable file. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = openSync(path, "r");
    } catch (error) {
      throw new ModelFileError(`${path}: ${openFailure(error)}`, { cause: error });
    }
    const status = fstatSync(this.#descriptor);
    this.size = status.size;
    if (!status.isFile()) {
      this.close();
      throw new ModelFileError(`${path}: not a file; give the path of a weight file`);
    }
  }

  /** Fills `target` from `offset` on. `what` names the reader's wish in the error of a file that ends too early. */
  read(offset: number, target: Uint8Array, what: string): void {
    if (offset + target.length > this.size) throw this.#truncated(offset + target.length, what);
    let done = 0;
    while (done < target.length) {
      // One call reads at most 2 GiB on Linux, and may read less than it was asked for.
      const length = Math.min(target.length - done, 2 ** 30);
      const count = readSync(this.#descriptor, target, done, length, offset + done);
      if (count === 0) throw this.#truncated(offset + target.length, what);
      done += count;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #truncated(needed: number, what: string): ModelFileError {
    return new ModelFileError(
      `${this.path}: ${what} reaches to byte ${needed}, but the file has ${this.size} bytes; it is truncated or damaged, fetch it again`,
    );
  }
}

/** Why a file could not be opened or read, in words. */
export function openFailure(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES" || code === "EPERM") return "no permission to read it";
  if (code === "EISDIR") return "is a folder, not a file";
  return `cannot be read (${code ?? (error as Error).message})`;
}
