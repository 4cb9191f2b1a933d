import type { FileBytes } from "./file-bytes.ts";

/** How floats are laid out in a file: blocks of `blockLength` values in `blockBytes` bytes, little-endian. */
export interface FloatFormat {
  readonly blockLength: number;
  readonly blockBytes: number;
  /** Decodes whole blocks. `source` starts at a multiple of 4 of its buffer. */
  decode(source: Uint8Array, target: Float32Array): void;
}

export const F32: FloatFormat = {
  blockLength: 1,
  blockBytes: 4,
  decode: (source, target) => new Uint8Array(target.buffer, target.byteOffset, source.length).set(source),
};

export const F16: FloatFormat = {
  blockLength: 1,
  blockBytes: 2,
  decode(source, target) {
    const bits = new Uint16Array(source.buffer, source.byteOffset, target.length);
    for (let i = 0; i < target.length; i++) target[i] = HALF_VALUES[bits[i]!]!;
  },
};

export const BF16: FloatFormat = {
  blockLength: 1,
  blockBytes: 2,
  decode(source, target) {
    // bfloat16 is the upper half of a float32.
    const bits = new Uint16Array(source.buffer, source.byteOffset, target.length);
    const words = new Uint32Array(target.buffer, target.byteOffset, target.length);
    for (let i = 0; i < target.length; i++) words[i] = bits[i]! << 16;
  },
};

/** Value of every IEEE 754 half-precision pattern: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
export const HALF_VALUES: Float32Array = Float32Array.from({ length: 65536 }, (_, bits) => {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
});

const CHUNK_BYTES = 1 << 20;

/** Reads `count` values; beside the result only one chunk of the file is in memory. */
export function readFloats(
  file: FileBytes,
  offset: number,
  count: number,
  format: FloatFormat,
  what: string,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  if (format === F32) {
    file.read(offset, new Uint8Array(values.buffer), what);
    return values;
  }
  const blocks = count / format.blockLength;
  const blocksPerChunk = Math.floor(CHUNK_BYTES / format.blockBytes);
  const chunk = new Uint8Array(Math.min(blocks, blocksPerChunk) * format.blockBytes);
  for (let block = 0; block < blocks; block += blocksPerChunk) {
    const end = Math.min(blocks, block + blocksPerChunk);
    const source = chunk.subarray(0, (end - block) * format.blockBytes);
    file.read(offset + block * format.blockBytes, source, what);
    format.decode(source, values.subarray(block * format.blockLength, end * format.blockLength));
  }
  return values;
}
