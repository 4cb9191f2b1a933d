import { TinkerError } from "../errors.ts";

const BLOCK = 512;

/** One regular file of an archive; its content follows in parts. */
export interface TarFile {
  readonly path: string;
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * The regular files of an uncompressed tar stream (ustar, with the long names of GNU tar and pax). Folders are skipped; links,
 * devices and paths that lead outside are refused. The content of a file must be read before the next one is asked for.
 * Throws `TinkerError` of kind `protocol` for a damaged archive.
 */
export async function* tarFiles(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  const source = new ByteSource(stream);
  let longName: string | undefined;
  for (;;) {
    const header = await source.exactly(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    checkSum(header);
    const type = String.fromCharCode(header[156]!);
    const size = octal(header, 124, 12);
    if (type === "x" || type === "g" || type === "L") {
      if (size > 1 << 20) throw fault(`a header of ${size} bytes`);
      const text = textOf(await source.exactly(size));
      await source.exactly(padding(size));
      const name = type === "L" ? text : /^\d+ path=(.*)$/m.exec(text)?.[1];
      if (type !== "g" && name !== undefined) longName = name;
      continue;
    }
    const path = longName ?? [field(header, 345, 155), field(header, 0, 100)].filter(Boolean).join("/");
    longName = undefined;
    if (type === "5") {
      safeParts(path);
      continue;
    }
    if (type !== "0" && type !== "\0") throw fault(`${path} is no regular file (type ${type})`);
    const content = source.part(size);
    yield { path: safeParts(path).join("/"), size, content };
    for await (const _ of content) {
      // What the reader left is passed over.
    }
    await source.exactly(padding(size));
  }
}

/** The parts of a path inside of the archive's folder. Throws where it leads elsewhere, on any system. */
function safeParts(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const absolute = /^([/\\]|[a-zA-Z]:)/.test(path);
  if (absolute || parts.some((part) => part === ".." || /[\\:\0]/.test(part)))
    throw fault(`${JSON.stringify(path)} leads outside of the folder`);
  return parts;
}

function checkSum(header: Uint8Array): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : header[i]!;
  if (sum !== octal(header, 148, 8)) throw fault("a header's sum is wrong");
}

function octal(header: Uint8Array, start: number, length: number): number {
  const text = field(header, start, length).trim();
  const value = /^[0-7]*$/.test(text) ? Number.parseInt(text || "0", 8) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw fault(`a number is written ${JSON.stringify(text)}`);
  return value;
}

function field(header: Uint8Array, start: number, length: number): string {
  return textOf(header.subarray(start, start + length));
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;
const fault = (what: string): TinkerError =>
  new TinkerError("protocol", `archive: ${what}; nothing was kept`);

/** Takes exact numbers of bytes from a stream of parts of any size. */
class ByteSource {
  readonly #stream: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#stream = stream[Symbol.asyncIterator]();
  }

  async exactly(size: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.part(size)) parts.push(part);
    return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts));
  }

  async *part(size: number): AsyncGenerator<Uint8Array, void, undefined> {
    let left = size;
    while (left > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#stream.next();
        if (next.done) throw fault("ends too early");
        this.#rest = next.value;
      }
      const taken = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(taken.length);
      left -= taken.length;
      yield taken;
    }
  }
}
