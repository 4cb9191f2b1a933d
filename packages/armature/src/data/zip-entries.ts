import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { DataError } from "../errors.ts";
import { fileError } from "./file-bytes.ts";

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  read(): Buffer;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * Files of a zip archive in its own order, folders left out. Archives of more than 4 GiB, of several parts and encrypted ones
 * are refused. Throws `DataError` naming the file where it is no such archive.
 */
export function zipEntries(file: string): readonly ZipEntry[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw fileError(file, error);
  }
  try {
    return [...centralDirectory(file, bytes)];
  } catch (error) {
    if (error instanceof RangeError) throw damaged(file);
    throw error;
  }
}

function* centralDirectory(file: string, bytes: Buffer): Generator<ZipEntry> {
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(END);
  const end = bytes.lastIndexOf(signature);
  if (end < 0) throw new DataError(`${file}: is no zip archive; copy or download the file again`);
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (bytes.readUInt32LE(at) !== CENTRAL) throw damaged(file);
    const flags = bytes.readUInt16LE(at + 8);
    const method = bytes.readUInt16LE(at + 10);
    const size = bytes.readUInt32LE(at + 20);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((k) => bytes.readUInt16LE(at + k));
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength!);
    at += 46 + nameLength! + extraLength! + commentLength!;
    if (name.endsWith("/")) continue;
    if ((flags & 1) !== 0 || (method !== STORED && method !== DEFLATED))
      throw new DataError(`${file}: ${name} is encrypted or packed in an unknown way; unpack it yourself`);
    yield { name, read: () => content(file, bytes, { local, size, method }) };
  }
}

function content(
  file: string,
  bytes: Buffer,
  { local, size, method }: { readonly local: number; readonly size: number; readonly method: number },
): Buffer {
  try {
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(start, start + size);
    return method === STORED ? packed : inflateRawSync(packed);
  } catch {
    throw damaged(file);
  }
}

const damaged = (file: string): DataError =>
  new DataError(`${file}: the zip archive is damaged or cut off; copy or download the file again`);
