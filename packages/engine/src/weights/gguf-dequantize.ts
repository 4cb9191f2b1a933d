import { BF16, F16, F32, type FloatFormat, HALF_VALUES } from "./float-format.ts";

/**
 * Block formats of ggml (ggml-quants.c, `dequantize_row_*`). A block holds one or two half-precision scales and small
 * integers q; a value is d·q (type 0) or d·q + m (type 1). K formats split 256 values into sub-blocks that have integer
 * scales of their own. All products fit float32's 24 bits, so each value is rounded once, as in the reference.
 */
type DecodeBlock = (block: DataView, bytes: Uint8Array, at: number, target: Float32Array, to: number) => void;

function blocks(blockLength: number, blockBytes: number, decodeBlock: DecodeBlock): FloatFormat {
  return {
    blockLength,
    blockBytes,
    decode(source, target) {
      const view = new DataView(source.buffer, source.byteOffset, source.length);
      for (let at = 0, to = 0; at < source.length; at += blockBytes, to += blockLength)
        decodeBlock(view, source, at, target, to);
    },
  };
}

const half = (view: DataView, at: number): number => HALF_VALUES[view.getUint16(at, true)]!;

const Q4_0 = blocks(32, 18, (view, bytes, at, target, to) => {
  const d = half(view, at);
  for (let j = 0; j < 16; j++) {
    const pair = bytes[at + 2 + j]!;
    target[to + j] = d * ((pair & 15) - 8);
    target[to + j + 16] = d * ((pair >> 4) - 8);
  }
});

const Q4_1 = blocks(32, 20, (view, bytes, at, target, to) => {
  const d = half(view, at);
  const m = half(view, at + 2);
  for (let j = 0; j < 16; j++) {
    const pair = bytes[at + 4 + j]!;
    target[to + j] = d * (pair & 15) + m;
    target[to + j + 16] = d * (pair >> 4) + m;
  }
});

const Q5_0 = blocks(32, 22, (view, bytes, at, target, to) => {
  const d = half(view, at);
  const fifthBits = view.getUint32(at + 2, true);
  for (let j = 0; j < 16; j++) {
    const pair = bytes[at + 6 + j]!;
    target[to + j] = d * (((pair & 15) | (((fifthBits >>> j) & 1) << 4)) - 16);
    target[to + j + 16] = d * (((pair >> 4) | (((fifthBits >>> (j + 16)) & 1) << 4)) - 16);
  }
});

const Q5_1 = blocks(32, 24, (view, bytes, at, target, to) => {
  const d = half(view, at);
  const m = half(view, at + 2);
  const fifthBits = view.getUint32(at + 4, true);
  for (let j = 0; j < 16; j++) {
    const pair = bytes[at + 8 + j]!;
    target[to + j] = d * ((pair & 15) | (((fifthBits >>> j) & 1) << 4)) + m;
    target[to + j + 16] = d * ((pair >> 4) | (((fifthBits >>> (j + 16)) & 1) << 4)) + m;
  }
});

const Q8_0 = blocks(32, 34, (view, _bytes, at, target, to) => {
  const d = half(view, at);
  for (let j = 0; j < 32; j++) target[to + j] = d * view.getInt8(at + 2 + j);
});

/** Scale of sub-block j: eight 6-bit scales, then eight 6-bit minima, packed into 12 bytes from `at` on. */
function subScale(bytes: Uint8Array, at: number, j: number): number {
  if (j < 4) return bytes[at + j]! & 63;
  return (bytes[at + j + 4]! & 15) | ((bytes[at + j - 4]! >> 6) << 4);
}

function subMinimum(bytes: Uint8Array, at: number, j: number): number {
  if (j < 4) return bytes[at + j + 4]! & 63;
  return (bytes[at + j + 4]! >> 4) | ((bytes[at + j]! >> 6) << 4);
}

/** Q4_K and Q5_K differ in the fifth bits (32 bytes, bit j of byte i for value i of sub-block j) before the nibbles. */
function kFormat(blockBytes: number, fifthBitsAt: number | undefined, nibblesAt: number): FloatFormat {
  return blocks(256, blockBytes, (view, bytes, at, target, to) => {
    const d = half(view, at);
    const dMinimum = half(view, at + 2);
    for (let j = 0; j < 8; j++) {
      const scale = d * subScale(bytes, at + 4, j);
      const minimum = dMinimum * subMinimum(bytes, at + 4, j);
      const nibbles = at + nibblesAt + 32 * (j >> 1);
      const shift = 4 * (j & 1);
      for (let i = 0; i < 32; i++) {
        let q = (bytes[nibbles + i]! >> shift) & 15;
        if (fifthBitsAt !== undefined) q |= ((bytes[at + fifthBitsAt + i]! >> j) & 1) << 4;
        target[to + 32 * j + i] = scale * q - minimum;
      }
    }
  });
}

const Q4_K = kFormat(144, undefined, 16);
const Q5_K = kFormat(176, 16, 48);

/** 128 bytes of low nibbles, 64 of upper bit pairs, 16 signed scales (one for 16 values), the half-precision scale. */
const Q6_K = blocks(256, 210, (view, bytes, at, target, to) => {
  const d = half(view, at + 208);
  for (let j = 0; j < 8; j++) {
    const [group, quarter] = [j >> 2, j & 3];
    for (let i = 0; i < 32; i++) {
      const low = bytes[at + 64 * group + 32 * (quarter & 1) + i]! >> (4 * (quarter >> 1));
      const high = bytes[at + 128 + 32 * group + i]! >> (2 * quarter);
      const scale = d * view.getInt8(at + 192 + 2 * j + (i >> 4));
      target[to + 32 * j + i] = scale * (((low & 15) | ((high & 3) << 4)) - 32);
    }
  }
});

/** The tensor types that can be read, by ggml's number. */
export const GGUF_FORMATS: ReadonlyMap<number, { readonly name: string; readonly format: FloatFormat }> =
  new Map([
    [0, { name: "F32", format: F32 }],
    [1, { name: "F16", format: F16 }],
    [2, { name: "Q4_0", format: Q4_0 }],
    [3, { name: "Q4_1", format: Q4_1 }],
    [6, { name: "Q5_0", format: Q5_0 }],
    [7, { name: "Q5_1", format: Q5_1 }],
    [8, { name: "Q8_0", format: Q8_0 }],
    [12, { name: "Q4_K", format: Q4_K }],
    [13, { name: "Q5_K", format: Q5_K }],
    [14, { name: "Q6_K", format: Q6_K }],
    [30, { name: "BF16", format: BF16 }],
  ]);
