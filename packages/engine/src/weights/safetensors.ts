import { basename, dirname, join } from "node:path";
import { ModelFileError } from "../errors.ts";
import { type WrittenFile, writeFileAtomically } from "./atomic-file.ts";
import { FileBytes } from "./file-bytes.ts";
import { BF16, F16, F32, type FloatFormat, readFloats } from "./float-format.ts";
import { isObject, parseJsonObject, readJsonFile } from "./json-file.ts";
import type { NamedArray, TensorEntry, WeightFile } from "./weight-file.ts";

/** The reference implementation's limit; also keeps a crafted length from claiming all memory. */
const MAX_HEADER_BYTES = 100_000_000;
const MAX_DIMENSIONS = 16;

const FLOAT_FORMATS: ReadonlyMap<string, FloatFormat> = new Map(Object.entries({ F32, F16, BF16 }));
const BYTES_PER_ELEMENT: ReadonlyMap<unknown, number> = new Map([
  ...["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"].map((dtype) => [dtype, 1] as const),
  ...["U16", "I16", "F16", "BF16"].map((dtype) => [dtype, 2] as const),
  ...["U32", "I32", "F32"].map((dtype) => [dtype, 4] as const),
  ...["U64", "I64", "F64", "C64"].map((dtype) => [dtype, 8] as const),
]);

interface SafetensorsEntry extends TensorEntry {
  /** Bytes from the start of the file. */
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsFile extends WeightFile {
  /** The header's `__metadata__`: free text by key. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Opens a `.safetensors` file: 8 bytes header length, a JSON header, then the tensors without gaps
 * (https://github.com/huggingface/safetensors). Throws `ModelFileError` for anything that is not exactly that.
 */
export function openSafetensors(path: string): SafetensorsFile {
  const file = new FileBytes(path);
  try {
    const { entries, metadata } = readHeader(file);
    return {
      path,
      tensors: entries,
      metadata,
      read(name) {
        const entry = entries.get(name);
        if (!entry) throw new ModelFileError(`${path}: has no tensor ${name}`);
        const format = FLOAT_FORMATS.get(entry.dtype);
        if (!format)
          throw new ModelFileError(
            `${path}: tensor ${name} is ${entry.dtype}, but weights must be F32, F16 or BF16; convert the model first`,
          );
        return readFloats(file, entry.start, elements(entry.shape), format, `tensor ${name}`);
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Opens the shards that a `model.safetensors.index.json` lists, as if they were one file. */
export function openShardedSafetensors(indexPath: string): WeightFile {
  const weightMap = readJsonFile(indexPath)["weight_map"];
  if (!isObject(weightMap))
    throw new ModelFileError(`${indexPath}: needs a "weight_map" from tensor names to file names`);
  const shards = new Map<string, SafetensorsFile>();
  const tensors = new Map<string, TensorEntry>();
  const close = () => {
    for (const shard of shards.values()) shard.close();
  };
  const shardOf = (name: string): SafetensorsFile => {
    const fileName = Object.hasOwn(weightMap, name) ? weightMap[name] : undefined;
    // Shards lie beside the index; a path that leads elsewhere is damage or an attack.
    if (typeof fileName !== "string" || fileName !== basename(fileName) || fileName.includes("\\"))
      throw new ModelFileError(`${indexPath}: weight_map["${name}"] must be the name of a file beside it`);
    let shard = shards.get(fileName);
    if (!shard) {
      shard = openSafetensors(join(dirname(indexPath), fileName));
      shards.set(fileName, shard);
    }
    return shard;
  };
  try {
    for (const name of Object.keys(weightMap)) {
      const entry = shardOf(name).tensors.get(name);
      if (!entry)
        throw new ModelFileError(
          `${indexPath}: lists tensor ${name} in ${weightMap[name]}, which does not hold it; fetch both again`,
        );
      tensors.set(name, entry);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { path: indexPath, tensors, read: (name) => shardOf(name).read(name), close };
}

/** Writes float32 tensors in the order given, atomically. Names and metadata may be any text. */
export function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [name: string, tensor: NamedArray]>,
  metadata: Readonly<Record<string, string>> = {},
): WrittenFile {
  // "format: pt" is what transformers and peft look for.
  const header: [string, unknown][] = [["__metadata__", { format: "pt", ...metadata }]];
  const arrays: Float32Array[] = [];
  const names = new Set(["__metadata__"]);
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (names.has(name)) throw new ModelFileError(`${path}: two tensors are named ${name}`);
    if (elements(shape) !== data.length)
      throw new ModelFileError(`${path}: tensor ${name} of shape [${shape}] has ${data.length} values`);
    names.add(name);
    header.push([name, { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] }]);
    arrays.push(data);
    offset += data.byteLength;
  }
  return writeFileAtomically(path, [
    encodeHeader(header),
    ...arrays.map((data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

function encodeHeader(entries: readonly (readonly [string, unknown])[]): Uint8Array {
  // Written pair by pair: an object would sort names such as "0" first.
  const text = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
  const json = Buffer.from(text, "utf8");
  const length = Math.ceil(json.length / 8) * 8;
  const header = Buffer.alloc(8 + length, " ");
  header.writeBigUInt64LE(BigInt(length));
  header.set(json, 8);
  return header;
}

function readHeader(file: FileBytes): {
  entries: Map<string, SafetensorsEntry>;
  metadata: Map<string, string>;
} {
  const { path } = file;
  const prefix = new Uint8Array(8);
  file.read(0, prefix, "the header length");
  const declared = new DataView(prefix.buffer).getBigUint64(0, true);
  if (declared > MAX_HEADER_BYTES)
    throw new ModelFileError(
      `${path}: header length ${declared} is above ${MAX_HEADER_BYTES}; this is not a safetensors file or it is damaged`,
    );
  const bytes = new Uint8Array(Number(declared));
  file.read(8, bytes, "the header");
  const header = parseJsonObject(decodeText(bytes, path), `${path} (header)`);
  const metadata = new Map<string, string>();
  const entries = new Map<string, SafetensorsEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== "__metadata__") entries.set(name, readEntry(file, name, value, 8 + bytes.length));
    else if (isObject(value))
      for (const [key, text] of Object.entries(value)) metadata.set(key, String(text));
  }
  checkCoverage(file, entries, 8 + bytes.length);
  return { entries, metadata };
}

function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ModelFileError(`${path}: the header is not UTF-8 text; this is not a safetensors file`, {
      cause: error,
    });
  }
}

function readEntry(file: FileBytes, name: string, value: unknown, dataStart: number): SafetensorsEntry {
  const fail = (why: string): never => {
    throw new ModelFileError(`${file.path}: tensor ${name}: ${why}; the file is damaged, fetch it again`);
  };
  if (!isObject(value)) return fail("its header entry is not an object");
  const { dtype, shape, data_offsets: offsets } = value;
  const width = BYTES_PER_ELEMENT.get(dtype);
  if (typeof dtype !== "string" || !width) return fail(`unknown dtype ${JSON.stringify(dtype)}`);
  if (!isSizes(shape) || shape.length > MAX_DIMENSIONS)
    return fail(`shape ${JSON.stringify(shape)} must be at most ${MAX_DIMENSIONS} sizes`);
  if (!isSizes(offsets) || offsets.length !== 2) return fail("data_offsets must be [begin, end]");
  const bytes = elements(shape) * width;
  const [start, end] = [dataStart + offsets[0]!, dataStart + offsets[1]!];
  if (end - start !== bytes)
    return fail(`${dtype} [${shape}] needs ${bytes} bytes, its range has ${end - start}`);
  if (end > file.size) return fail(`ends at byte ${end}, but the file has ${file.size}`);
  return { dtype, shape, start, end };
}

/** The format allows neither gaps nor overlaps nor bytes after the last tensor. */
function checkCoverage(
  file: FileBytes,
  entries: ReadonlyMap<string, SafetensorsEntry>,
  dataStart: number,
): void {
  const inOrder = [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  let position = dataStart;
  for (const [name, { start, end }] of inOrder) {
    if (start !== position)
      throw new ModelFileError(
        `${file.path}: tensor ${name} ${start < position ? "overlaps the one before it" : "follows a gap"} (byte ${start}, expected ${position}); the file is damaged, fetch it again`,
      );
    position = end;
  }
  if (position !== file.size)
    throw new ModelFileError(
      `${file.path}: has ${file.size - position} bytes after its last tensor; it is damaged, fetch it again`,
    );
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
