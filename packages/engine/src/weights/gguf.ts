import { ModelFileError } from "../errors.ts";
import { FileBytes } from "./file-bytes.ts";
import { readFloats } from "./float-format.ts";
import { GgufCursor, LIMITS } from "./gguf-cursor.ts";
import { GGUF_FORMATS } from "./gguf-dequantize.ts";
import { GgufMetadata, type GgufValue } from "./gguf-metadata.ts";
import type { TensorEntry, WeightFile } from "./weight-file.ts";

interface GgufEntry extends TensorEntry {
  readonly type: number;
  /** Bytes from the start of the file. */
  readonly start: number;
}

export interface GgufFile extends WeightFile {
  readonly metadata: GgufMetadata;
}

/**
 * Opens a GGUF file, version 2 or 3, little-endian (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
 * Tensors keep llama.cpp's names and row order. Throws `ModelFileError` for damaged or crafted files.
 */
export function openGguf(path: string): GgufFile {
  const file = new FileBytes(path);
  try {
    const { values, entries } = readHeader(new GgufCursor(file));
    return {
      path,
      metadata: new GgufMetadata(path, values),
      tensors: entries,
      read(name) {
        const entry = entries.get(name);
        if (!entry) throw new ModelFileError(`${path}: has no tensor ${name}`);
        const known = GGUF_FORMATS.get(entry.type);
        if (!known)
          throw new ModelFileError(
            `${path}: tensor ${name} is of ggml type ${entry.type}; readable are ${[...GGUF_FORMATS.values()].map((t) => t.name).join(", ")}: requantise the model`,
          );
        return readFloats(file, entry.start, elements(entry.shape), known.format, `tensor ${name}`);
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readHeader(cursor: GgufCursor): { values: Map<string, GgufValue>; entries: Map<string, GgufEntry> } {
  if (cursor.uint32("the magic number") !== 0x46554747) throw cursor.failure("does not start with GGUF");
  const version = cursor.uint32("the version");
  if (version !== 2 && version !== 3)
    throw cursor.failure(`is GGUF version ${version}; versions 2 and 3 (little-endian) are read, convert it`);
  const tensorCount = cursor.count(LIMITS.entries, "the number of tensors");
  const valueCount = cursor.count(LIMITS.entries, "the number of metadata keys");
  const values = new Map<string, GgufValue>();
  for (let i = 0; i < valueCount; i++) {
    const key = cursor.text(LIMITS.nameBytes, `metadata key ${i}`);
    if (values.has(key)) throw cursor.failure(`metadata key ${key} occurs twice`);
    values.set(key, readValue(cursor, cursor.uint32(`the type of ${key}`), key, 0));
  }
  const entries = new Map<string, GgufEntry>();
  for (let i = 0; i < tensorCount; i++) {
    const [name, entry] = readEntry(cursor, i);
    if (entries.has(name)) throw cursor.failure(`tensor ${name} occurs twice`);
    entries.set(name, entry);
  }
  const alignment = values.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || alignment <= 0 || alignment % 8 !== 0)
    throw cursor.failure(`general.alignment must be a multiple of 8, is ${String(alignment)}`);
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  return { values, entries: placeTensors(cursor, entries, dataStart, alignment) };
}

function readEntry(cursor: GgufCursor, index: number): [string, GgufEntry] {
  const name = cursor.text(LIMITS.nameBytes, `the name of tensor ${index}`);
  const rank = cursor.uint32(`the rank of ${name}`);
  if (rank > LIMITS.dimensions) throw cursor.failure(`tensor ${name} has ${rank} dimensions`);
  // ggml lists the innermost axis first.
  const shape = Array.from({ length: rank }, () =>
    cursor.count(Number.MAX_SAFE_INTEGER, `a size of ${name}`),
  ).reverse();
  const type = cursor.uint32(`the type of ${name}`);
  const start = cursor.count(Number.MAX_SAFE_INTEGER, `the offset of ${name}`);
  return [name, { shape, type, dtype: GGUF_FORMATS.get(type)?.name ?? `type ${type}`, start }];
}

/** Turns offsets into positions in the file and checks that tensors are aligned, inside the file and apart. */
function placeTensors(
  cursor: GgufCursor,
  entries: ReadonlyMap<string, GgufEntry>,
  dataStart: number,
  alignment: number,
): Map<string, GgufEntry> {
  const placed = new Map<string, GgufEntry>();
  let previousEnd = 0;
  for (const [name, entry] of [...entries].sort(([, a], [, b]) => a.start - b.start)) {
    if (entry.start % alignment !== 0) throw cursor.failure(`tensor ${name} is not aligned to ${alignment}`);
    if (entry.start < previousEnd) throw cursor.failure(`tensor ${name} overlaps the one before it`);
    const count = elements(entry.shape);
    const format = GGUF_FORMATS.get(entry.type)?.format;
    // Rows are whole blocks, so the innermost size decides.
    const fits = !format || (entry.shape.at(-1) ?? 1) % format.blockLength === 0;
    if (!fits || !Number.isSafeInteger(count))
      throw cursor.failure(`tensor ${name} [${entry.shape}] does not fill whole blocks of ${entry.dtype}`);
    const bytes = format ? (count / format.blockLength) * format.blockBytes : 0;
    previousEnd = entry.start + bytes;
    if (dataStart + previousEnd > cursor.size)
      throw cursor.failure(
        `tensor ${name} ends at byte ${dataStart + previousEnd}, but the file has ${cursor.size}`,
      );
    placed.set(name, { ...entry, start: dataStart + entry.start });
  }
  return placed;
}

const FIXED_TYPES: ReadonlyMap<number, [bytes: number, read: (view: DataView) => GgufValue]> = new Map([
  [0, [1, (view) => view.getUint8(0)]],
  [1, [1, (view) => view.getInt8(0)]],
  [2, [2, (view) => view.getUint16(0, true)]],
  [3, [2, (view) => view.getInt16(0, true)]],
  [4, [4, (view) => view.getUint32(0, true)]],
  [5, [4, (view) => view.getInt32(0, true)]],
  [6, [4, (view) => view.getFloat32(0, true)]],
  [7, [1, (view) => view.getUint8(0) !== 0]],
  [10, [8, (view) => narrow(view.getBigUint64(0, true))]],
  [11, [8, (view) => narrow(view.getBigInt64(0, true))]],
  [12, [8, (view) => view.getFloat64(0, true)]],
]);
const TEXT = 8;
const LIST = 9;

function readValue(cursor: GgufCursor, type: number, key: string, depth: number): GgufValue {
  if (type === TEXT) return cursor.text(LIMITS.textBytes, key);
  if (type === LIST) {
    if (depth === LIMITS.listDepth) throw cursor.failure(`metadata key ${key} nests lists too deeply`);
    const itemType = cursor.uint32(key);
    const length = cursor.count(LIMITS.listItems, `the length of ${key}`);
    // Grown item by item: a claimed length costs memory only where the file really holds so many items.
    const items: GgufValue[] = [];
    for (let i = 0; i < length; i++) items.push(readValue(cursor, itemType, key, depth + 1));
    return items;
  }
  const fixed = FIXED_TYPES.get(type);
  if (!fixed) throw cursor.failure(`metadata key ${key} has unknown type ${type}`);
  return fixed[1](cursor.take(fixed[0], key));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
