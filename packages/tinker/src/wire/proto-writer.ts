import { TinkerError } from "../errors.ts";

/** Wire types of protobuf: how the bytes after a tag are to be read. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const TEXT = new TextEncoder();

/** Writes one protobuf message into a growing buffer. Default values (0, "", false, empty lists) are left out, as proto3 does. */
export class ProtoWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** Unsigned or negative integer of at most 53 bits; negative ones take ten bytes, as int32 and int64 do. */
  integer(field: number, value: number): this {
    if (value === 0) return this;
    if (!Number.isSafeInteger(value)) throw new TinkerError("user", `${value} is no integer of 53 bits`);
    this.#tag(field, WIRE.varint);
    this.#varint(value);
    return this;
  }

  boolean(field: number, value: boolean): this {
    return this.integer(field, value ? 1 : 0);
  }

  double(field: number, value: number): this {
    this.#tag(field, WIRE.fixed64);
    this.#reserve(8);
    this.#view().setFloat64(this.#length, value, true);
    this.#length += 8;
    return this;
  }

  text(field: number, value: string): this {
    return value === "" ? this : this.bytes(field, TEXT.encode(value));
  }

  /** Written also where empty: an optional field or a choice may be present without content. */
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, WIRE.bytes);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** Repeated integers in packed form. */
  packed(field: number, values: readonly number[]): this {
    if (values.length === 0) return this;
    return this.message(field, (inner) => {
      for (const value of values) inner.#varint(value);
    });
  }

  /** A nested message, written in place and then moved by the few bytes that its length takes. */
  message(field: number, write: (writer: ProtoWriter) => void): this {
    this.#tag(field, WIRE.bytes);
    const start = this.#length;
    write(this);
    const size = this.#length - start;
    const prefix = varintLength(size);
    this.#reserve(prefix);
    this.#bytes.copyWithin(start + prefix, start, this.#length);
    this.#length = start;
    this.#varint(size);
    this.#length = start + prefix + size;
    return this;
  }

  /** The bytes written so far. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#reserve(10);
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      while (rest > 0x7fn) {
        this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
        rest >>= 7n;
      }
      this.#bytes[this.#length++] = Number(rest);
      return;
    }
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  #view(): DataView {
    return new DataView(this.#bytes.buffer);
  }
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) length++;
  return length;
}
