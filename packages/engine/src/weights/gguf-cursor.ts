import { ModelFileError } from "../errors.ts";
import type { FileBytes } from "./file-bytes.ts";

/**
 * Limits that a crafted file cannot pass. Real models stay far below: the largest have about 2,000 tensors, 300 keys, a
 * vocabulary of 262,144 with 600,000 merges, and chat templates of 20 kB.
 */
export const LIMITS = {
  entries: 65_536,
  dimensions: 4,
  nameBytes: 65_535,
  textBytes: 16 * 2 ** 20,
  listItems: 2 ** 22,
  listDepth: 3,
  headerBytes: 512 * 2 ** 20,
} as const;

// A token may be the byte order mark itself.
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads the header front to back through a window of the file. */
export class GgufCursor {
  position = 0;
  readonly #file: FileBytes;
  #window = new Uint8Array(0);
  #windowStart = 0;

  constructor(file: FileBytes) {
    this.#file = file;
  }

  get size(): number {
    return this.#file.size;
  }

  /** The next bytes; valid until the next call. */
  take(count: number, what: string): DataView {
    const end = this.position + count;
    if (end > LIMITS.headerBytes) throw this.failure(`the header is longer than ${LIMITS.headerBytes} bytes`);
    if (end > this.#windowStart + this.#window.length) {
      const length = Math.max(count, Math.min(1 << 16, this.#file.size - this.position));
      this.#window = new Uint8Array(length);
      this.#windowStart = this.position;
      this.#file.read(this.position, this.#window, what);
    }
    const view = new DataView(this.#window.buffer, this.position - this.#windowStart, count);
    this.position = end;
    return view;
  }

  uint32(what: string): number {
    return this.take(4, what).getUint32(0, true);
  }

  /** An unsigned 64-bit number that may not exceed `limit`. */
  count(limit: number, what: string): number {
    const value = this.take(8, what).getBigUint64(0, true);
    if (value > limit) throw this.failure(`${what} is ${value}, above the limit of ${limit}`);
    return Number(value);
  }

  text(limit: number, what: string): string {
    const view = this.take(this.count(limit, `the length of ${what}`), what);
    return UTF8.decode(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }

  failure(why: string): ModelFileError {
    return new ModelFileError(
      `${this.#file.path}: ${why}; it is not a GGUF file that can be used, or it is damaged`,
    );
  }
}
