import { TinkerError } from "../errors.ts";

/** Little-endian bytes of numbers, as the protobuf messages carry them. */

const HIGH_WORD = 2 ** 32;
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** float32 bytes. */
export function packFloats(values: ArrayLike<number>): Uint8Array {
  return packWords(values instanceof Float32Array ? values : Float32Array.from(values));
}

/** int32 bytes. */
export function packInt32(values: ArrayLike<number>): Uint8Array {
  return packWords(values instanceof Int32Array ? values : Int32Array.from(values));
}

/** int64 bytes of integers of at most 53 bits. */
export function packInt64(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isSafeInteger(value)) throw new TinkerError("user", `${value} is no integer`);
    view.setUint32(8 * i, value >>> 0, true);
    view.setInt32(8 * i + 4, Math.floor(value / HIGH_WORD), true);
  }
  return bytes;
}

/** Numbers of float32 bytes. The bytes may lie anywhere; they are copied, since a view needs alignment. */
export function unpackFloats(bytes: Uint8Array, what: string): Float32Array<ArrayBuffer> {
  return new Float32Array(unpackWords(bytes, what));
}

/** Numbers of int32 bytes. */
export function unpackInt32(bytes: Uint8Array, what: string): Int32Array<ArrayBuffer> {
  return new Int32Array(unpackWords(bytes, what));
}

/** Numbers of bfloat16 bytes: the upper half of a float32. */
export function unpackBfloat16(bytes: Uint8Array, what: string): Float32Array<ArrayBuffer> {
  expectMultiple(bytes, 2, what);
  const words = new Uint32Array(bytes.length / 2);
  for (let i = 0; i < words.length; i++) words[i] = (bytes[2 * i]! | (bytes[2 * i + 1]! << 8)) << 16;
  return new Float32Array(words.buffer);
}

/** Numbers of int64 bytes; all must fit in 53 bits. */
export function unpackInt64(bytes: Uint8Array, what: string): number[] {
  expectMultiple(bytes, 8, what);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, i) => {
    const value = view.getInt32(8 * i + 4, true) * HIGH_WORD + view.getUint32(8 * i, true);
    if (!Number.isSafeInteger(value))
      throw new TinkerError("protocol", `${what}: a number does not fit in 53 bits`);
    return value;
  });
}

function packWords(values: Float32Array | Int32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return LITTLE_ENDIAN ? bytes : swapped(bytes);
}

function unpackWords(bytes: Uint8Array, what: string): ArrayBuffer {
  expectMultiple(bytes, 4, what);
  // Not slice(): that of a Buffer, which bytes from a socket are, copies nothing.
  return (LITTLE_ENDIAN ? new Uint8Array(bytes) : swapped(bytes)).buffer as ArrayBuffer;
}

function swapped(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let i = 0; i < copy.length; i += 4) copy.subarray(i, i + 4).reverse();
  return copy;
}

function expectMultiple(bytes: Uint8Array, size: number, what: string): void {
  if (bytes.length % size !== 0)
    throw new TinkerError("protocol", `${what}: ${bytes.length} bytes are no whole number of ${size}`);
}
