import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { DataError } from "../errors.ts";
import { type Amount, NOTHING, plus } from "./budget.ts";

/** Where the answers of a log stand, and what its records say was spent. */
export class LogIndex {
  readonly answers = new Map<string, { readonly offset: number; readonly length: number }>();
  readonly #open = new Map<number, Amount>();
  #settled: Amount = NOTHING;
  #nextId = 0;
  /** Bytes up to the end of the last whole line. */
  length = 0;

  reserve(amount: Amount, id = this.#nextId): number {
    this.#open.set(id, amount);
    this.#nextId = id + 1;
    return id;
  }

  settle(id: number | null, amount: Amount): void {
    if (id !== null) this.#open.delete(id);
    this.#settled = plus(this.#settled, amount);
  }

  /** A reservation that was never settled belongs to a request that a kill cut off: it counts in full. */
  spent(): Amount {
    return [...this.#open.values()].reduce(plus, this.#settled);
  }
}

const CHUNK = 4 * 1024 * 1024;
const KEY_START = Buffer.from('{"key":"');
const KEY_LENGTH = 16;

/** Reads the index of a log without parsing answers; an absent file has an empty one. */
export function readLogIndex(path: string): LogIndex {
  const index = new LogIndex();
  if (!existsSync(path)) return index;
  const file = openSync(path, "r");
  try {
    let pending = Buffer.alloc(0);
    let line = 0;
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const read = readSync(file, chunk, 0, CHUNK, null);
      if (read === 0) return index;
      const bytes =
        pending.length === 0 ? chunk.subarray(0, read) : Buffer.concat([pending, chunk.subarray(0, read)]);
      let start = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        line++;
        note(index, bytes.subarray(start, end), `${path}:${line}`);
        index.length += end + 1 - start;
        start = end + 1;
      }
      pending = Buffer.from(bytes.subarray(start));
    }
  } finally {
    closeSync(file);
  }
}

function note(index: LogIndex, line: Buffer, where: string): void {
  if (line.length === 0) return;
  if (line.subarray(0, KEY_START.length).equals(KEY_START)) {
    const key = line.toString("latin1", KEY_START.length, KEY_START.length + KEY_LENGTH);
    if (!/^[0-9a-f]{16}$/.test(key) || line.at(-1) !== 125) throw damaged(where);
    index.answers.set(key, { offset: index.length, length: line.length });
    return;
  }
  const record = spendRecord(line);
  if (record === null) throw damaged(where);
  const amount = { tokens: record.tokens, usd: record.usd };
  if (record.reserved !== undefined) index.reserve(amount, record.reserved);
  else index.settle(record.settled ?? null, amount);
}

interface SpendRecord extends Amount {
  readonly reserved?: number;
  readonly settled?: number | null;
}

function spendRecord(line: Buffer): SpendRecord | null {
  if (line[0] !== 123 || line.length > 200) return null;
  try {
    const record = JSON.parse(line.toString("utf8")) as SpendRecord;
    return typeof record.tokens === "number" && ("reserved" in record || "settled" in record) ? record : null;
  } catch {
    return null;
  }
}

function damaged(where: string): DataError {
  return new DataError(`${where}: is no record of an answer log; delete the line, or name another file`);
}
