import { existsSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { isRow, type Row } from "../data/row-fields.ts";
import { ConfigError } from "../errors.ts";
import { AppendLog } from "./append-log.ts";
import { toJson } from "./json-lines.ts";

/** What a job's results depend on beside its rows, by name, so that a message can say what changed. */
export type JobSettings = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Results of a long job in a log that grows row by row, so that the same command goes on where it stopped. A row is known by
 * a key of its content: rows may be added, removed and moved between two starts. A line that a kill left unfinished is cut off.
 */
export class RowJournal<R> {
  readonly #log: AppendLog;
  readonly #done: Map<string, R>;

  private constructor(log: AppendLog, done: Map<string, R>) {
    this.#log = log;
    this.#done = done;
  }

  /** @throws ConfigError where the log belongs to a job with other settings, or is none. */
  static open<R>(path: string, job: JobSettings): RowJournal<R> {
    const { lines, length } = wholeLines(path);
    const [first, ...rows] = lines.map((line) => parse(path, line));
    if (first !== undefined) checkJob(path, first["job"], job);
    if (existsSync(path)) truncateSync(path, length);
    const log = new AppendLog(path);
    if (first === undefined) log.append(`${toJson({ job })}\n`);
    return new RowJournal<R>(log, new Map(rows.map(({ key, result }) => [key as string, result as R])));
  }

  /** The result of a row that an earlier start finished. */
  get(key: string): R | undefined {
    return this.#done.get(key);
  }

  append(key: string, result: R): void {
    this.#done.set(key, result);
    this.#log.append(`${toJson({ key, result })}\n`);
  }

  close(): void {
    this.#log.sync();
    this.#log.close();
  }

  /** Closes the log and removes it: the job is done. */
  remove(): void {
    this.#log.close();
    rmSync(this.#log.path, { force: true });
  }
}

/** Lines that end in a line feed, and their length in bytes. Cut as bytes: a log may be longer than a string can be. */
function wholeLines(path: string): { readonly lines: readonly string[]; readonly length: number } {
  if (!existsSync(path)) return { lines: [], length: 0 };
  const bytes = readFileSync(path);
  const lines: string[] = [];
  let start = 0;
  for (let end = bytes.indexOf("\n"); end >= 0; end = bytes.indexOf("\n", start)) {
    lines.push(bytes.toString("utf8", start, end));
    start = end + 1;
  }
  return { lines, length: start };
}

function parse(path: string, line: string): Row {
  try {
    const value: unknown = JSON.parse(line);
    if (isRow(value)) return value;
  } catch {
    // Told below.
  }
  throw otherFile(path);
}

function checkJob(path: string, logged: unknown, job: JobSettings): void {
  if (!isRow(logged)) throw otherFile(path);
  const names = new Set([...Object.keys(logged), ...Object.keys(job)]);
  const changed = [...names].find((name) => logged[name] !== job[name]);
  if (changed === undefined) return;
  const [before, now] = [logged[changed] ?? null, job[changed] ?? null].map((value) => toJson(value));
  throw new ConfigError(
    `${path}: holds an unfinished job whose ${changed} was ${before}, not ${now}; give the settings of then, start over with --fresh, or write to another --out`,
  );
}

const otherFile = (path: string): ConfigError =>
  new ConfigError(`${path}: is not the log of a job; move it away, or write to another file with --out`);
