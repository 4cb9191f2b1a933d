import { createReadStream } from "node:fs";
import { Readable } from "node:stream";

/** One file of an archive: a file on disk, or bytes. */
export interface TarEntry {
  readonly name: string;
  readonly size: number;
  readonly content: string | Uint8Array;
}

const BLOCK = 512;

/**
 * An uncompressed tar archive (POSIX ustar) as a stream. `content` of an entry is its bytes, or the path of the file that holds
 * them; a file must have exactly `size` bytes. Names are ASCII and at most 100 characters; files are below 8 GiB.
 */
export function tarArchive(entries: readonly TarEntry[]): Readable {
  return Readable.from(blocks(entries));
}

async function* blocks(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array> {
  for (const { name, size, content } of entries) {
    yield header(name, size);
    let written = 0;
    const parts = typeof content === "string" ? createReadStream(content) : [content];
    for await (const part of parts as AsyncIterable<Uint8Array>) {
      written += part.length;
      yield part;
    }
    if (written !== size)
      throw new Error(`${name} has ${written} bytes, not ${size}: it changed while it was read`);
    yield new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
  }
  yield new Uint8Array(2 * BLOCK);
}

function header(name: string, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, "0")}\0`;
  const fields: readonly [offset: number, text: string][] = [
    [0, name],
    [100, octal(0o644, 8)],
    [108, octal(0, 8)],
    [116, octal(0, 8)],
    [124, octal(size, 12)],
    // The same bytes for the same files: no clock.
    [136, octal(0, 12)],
    [148, " ".repeat(8)],
    [156, "0"],
    [257, "ustar\x0000"],
  ];
  for (const [offset, text] of fields) block.write(text, offset, "latin1");
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
