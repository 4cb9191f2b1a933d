import { TinkerError } from "../errors.ts";
import { WIRE } from "./proto-writer.ts";

const TEXT = new TextDecoder("utf-8", { fatal: true });

/** Readers of the fields that a message knows, by field number; others are skipped, as protobuf demands. */
export type FieldReaders = Readonly<Record<number, (reader: ProtoReader) => void>>;

/**
 * Reads one protobuf message. Every length is checked against what is there, so that hostile bytes give a `TinkerError` of
 * kind `protocol` and never a read beyond the end or a large allocation.
 */
export class ProtoReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;
  #wireType: number = WIRE.varint;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Reads all fields in the order in which they come. */
  fields(readers: FieldReaders): void {
    while (this.#at < this.#bytes.length) {
      const tag = this.#varint();
      const field = Math.floor(tag / 8);
      this.#wireType = tag % 8;
      if (field === 0) throw this.#fault("a field has number 0");
      const read = Object.hasOwn(readers, field) ? readers[field] : undefined;
      if (read) read(this);
      else this.#skip();
    }
  }

  /** A signed or unsigned integer that fits in 53 bits. */
  integer(): number {
    this.#expect(WIRE.varint);
    return this.#varint();
  }

  boolean(): boolean {
    return this.integer() !== 0;
  }

  double(): number {
    this.#expect(WIRE.fixed64);
    const bytes = this.#take(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
  }

  text(): string {
    const bytes = this.bytes();
    try {
      return TEXT.decode(bytes);
    } catch (error) {
      throw this.#fault("a text is not UTF-8", error);
    }
  }

  /** The bytes of a field, as a view into the message. */
  bytes(): Uint8Array {
    this.#expect(WIRE.bytes);
    return this.#take(this.#varint());
  }

  /** A nested message. */
  message(what: string, readers: FieldReaders): void {
    new ProtoReader(this.bytes(), what).fields(readers);
  }

  /** Appends repeated integers, packed or one by one. */
  integers(into: number[]): void {
    if (this.#wireType === WIRE.varint) {
      into.push(this.integer());
      return;
    }
    const inner = new ProtoReader(this.bytes(), this.#what);
    while (inner.#at < inner.#bytes.length) into.push(inner.#varint());
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw this.#fault("ends inside a number");
      // From the eighth byte on doubles lose bits: the whole number is read again exactly.
      if (i === 7) return this.#wideVarint(this.#at - 8);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw this.#fault("a number is longer than ten bytes");
  }

  #wideVarint(start: number): number {
    let value = 0n;
    for (let i = 0n; i < 10n; i++) {
      const byte = this.#bytes[start + Number(i)];
      if (byte === undefined) throw this.#fault("ends inside a number");
      value |= BigInt(byte & 0x7f) << (7n * i);
      if (byte < 0x80) {
        this.#at = start + Number(i) + 1;
        const signed = Number(BigInt.asIntN(64, value));
        if (!Number.isSafeInteger(signed)) throw this.#fault("a number does not fit in 53 bits");
        return signed;
      }
    }
    throw this.#fault("a number is longer than ten bytes");
  }

  #skip(): void {
    switch (this.#wireType) {
      case WIRE.varint:
        this.#varint();
        return;
      case WIRE.fixed64:
        this.#take(8);
        return;
      case WIRE.bytes:
        this.#take(this.#varint());
        return;
      case WIRE.fixed32:
        this.#take(4);
        return;
      default:
        throw this.#fault(`has a field of wire type ${this.#wireType}`);
    }
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType)
      throw this.#fault(`has a field of wire type ${this.#wireType} where ${wireType} belongs`);
  }

  #take(size: number): Uint8Array {
    if (size < 0 || size > this.#bytes.length - this.#at)
      throw this.#fault(`a field claims ${size} bytes, ${this.#bytes.length - this.#at} are left`);
    const start = this.#at;
    this.#at += size;
    return this.#bytes.subarray(start, this.#at);
  }

  #fault(what: string, cause?: unknown): TinkerError {
    return new TinkerError("protocol", `protobuf ${this.#what} at byte ${this.#at}: ${what}`, { cause });
  }
}
