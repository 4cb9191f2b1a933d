import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { readJsonlLines } from "../data/read-jsonl.ts";
import { ConfigError, DataError } from "../errors.ts";
import { AppendLog, cutBack } from "../run/append-log.ts";
import { RunLock } from "../run/run-lock.ts";
import type { Amount, SpendLedger } from "./budget.ts";
import type { Choice, CompletionRequest, Usage } from "./language-model.ts";
import { type LogIndex, readLogIndex } from "./log-index.ts";

/** One answered question of a log. */
export interface LoggedAnswer {
  readonly key: string;
  /** Id of the model that answered. */
  readonly model: string;
  readonly request: CompletionRequest;
  readonly choices: readonly Choice[];
  /** What it took when it was asked. */
  readonly usage: Usage;
}

/**
 * A file of answers that only grows, one JSON line each, found by `requestKey`. What was spent stands between them, each
 * reservation before its request is sent, so that a budget holds over kills. One process at a time writes; a last line that
 * a kill tore is cut off.
 */
export class AnswerLog implements SpendLedger {
  readonly path: string;
  readonly #log: AppendLog;
  readonly #index: LogIndex;
  readonly #lock: RunLock;
  readonly #reader: number;
  #length: number;

  private constructor(path: string, index: LogIndex, lock: RunLock) {
    this.path = path;
    this.#index = index;
    this.#lock = lock;
    this.#log = new AppendLog(path);
    this.#reader = openSync(path, "r");
    this.#length = index.length;
  }

  /**
   * Opens or creates the log.
   * @throws ConfigError where the folder does not exist, DataError where the file is no answer log, RunError where another
   * process has it open.
   */
  static open(path: string): AnswerLog {
    if (!existsSync(dirname(path)))
      throw new ConfigError(`--cache ${path}: its folder does not exist; create it first`);
    const lock = RunLock.acquire(path, `${path}.lock`);
    try {
      const index = readLogIndex(path);
      if (existsSync(path)) cutBack(path, index.length);
      return new AnswerLog(path, index, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Answers in the log. */
  get size(): number {
    return this.#index.answers.size;
  }

  /** What all requests took together, those included whose end is not known. */
  get spent(): Amount {
    return this.#index.spent();
  }

  /** @throws DataError where the line was damaged after it was written. */
  answer(key: string): LoggedAnswer | undefined {
    const place = this.#index.answers.get(key);
    if (place === undefined) return undefined;
    const bytes = Buffer.allocUnsafe(place.length);
    readSync(this.#reader, bytes, 0, place.length, place.offset);
    try {
      return JSON.parse(bytes.toString("utf8")) as LoggedAnswer;
    } catch (error) {
      throw new DataError(
        `${this.path}: the answer ${key} at byte ${place.offset} is damaged; delete its line, it is asked again`,
        { cause: error },
      );
    }
  }

  add({ key, model, choices, usage, request }: LoggedAnswer): void {
    // The key stands first: the index is read from the first bytes of a line.
    const length = this.#append({ key, model, choices, usage, request });
    this.#index.answers.set(key, { offset: this.#length - length, length: length - 1 });
  }

  reserve(amount: Amount): number {
    const id = this.#index.reserve(amount);
    this.#append({ reserved: id, ...amount });
    return id;
  }

  settle(id: number | null, amount: Amount): void {
    this.#index.settle(id, amount);
    this.#append({ settled: id, ...amount });
  }

  close(): void {
    this.#log.sync();
    this.#log.close();
    closeSync(this.#reader);
    this.#lock.release();
  }

  /** Bytes of the line. */
  #append(record: object): number {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    try {
      this.#log.append(line);
    } catch (error) {
      // A full disk may have taken half a line, which the next one must not follow.
      cutBack(this.path, this.#length);
      throw error;
    }
    this.#length += line.length;
    return line.length;
  }
}

/**
 * Answers of a log in the order they came, for judging again and for comparing; also while another process writes it.
 * @throws DataError naming file and line.
 */
export async function* readAnswerLog(path: string): AsyncGenerator<LoggedAnswer> {
  let torn: { readonly line: number; readonly fault: string } | null = null;
  for await (const row of readJsonlLines(path)) {
    // Only a last line may be torn.
    if (torn) throw new DataError(`${path}:${torn.line}: ${torn.fault}`);
    if (!row.ok) torn = row;
    else if ("key" in row.value) yield row.value as unknown as LoggedAnswer;
    else if (!("reserved" in row.value) && !("settled" in row.value))
      throw new DataError(`${path}:${row.line}: is no record of an answer log; name another file`);
  }
}
