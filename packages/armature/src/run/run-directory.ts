import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { RunError } from "../errors.ts";
import { AppendLog, cutBack, writeFailure } from "./append-log.ts";
import { syncFolder, writeFileAtomic } from "./atomic-file.ts";
import { fromJson, fromJsonLines, toJson, toJsonLines } from "./json-lines.ts";
import { identityDifferences, identityHash, type RunIdentity, runVersions } from "./run-identity.ts";
import { RunLock } from "./run-lock.ts";

/** Where a training loop stands. Everything appended before it is committed belongs to it, everything after is done again. */
export interface RunState<Position = unknown> {
  readonly position: Position;
  /** States of random streams by name, where the loop does not derive its streams from the position. */
  readonly randomStates?: Readonly<Record<string, readonly number[]>>;
  /** Saved weights by role ("generator", "judge"), as the names that `checkpointPath` takes. */
  readonly checkpoints: Readonly<Record<string, string>>;
}

/** One line of `metrics.jsonl`. Wall-clock values belong into events, so that a resumed run's metrics equal an uninterrupted one's. */
export type MetricsRecord = Readonly<Record<string, number | string | boolean | null>>;

interface CommittedState<Position> extends RunState<Position> {
  readonly hash: string;
  /** Length in bytes of each log when the state was committed. */
  readonly logs: Readonly<Record<string, number>>;
}

interface RunConfig extends RunIdentity {
  readonly hash: string;
  /** Where the recipe lies, relative to the run: the files it names are found beside it. */
  readonly recipeFile?: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly createdAt: string;
}

/**
 * `runs/<name>/`: `config.json`, `metrics.jsonl`, `events.jsonl`, `rollouts/*.jsonl.gz`, `checkpoints/`, `state.json`.
 *
 * A run killed at any moment resumes with nothing lost and nothing doubled: `commitState` brings the logs to the disk and
 * then writes their lengths with the loop's position in one atomic file; resuming cuts the logs back to those lengths.
 */
export class RunDirectory<Position = unknown> {
  readonly path: string;
  readonly config: RunConfig;
  /** The last committed state; null where the run starts from the beginning. */
  readonly state: RunState<Position> | null;
  readonly #lock: RunLock;
  readonly #logs = new Map<string, AppendLog>();

  private constructor(path: string, config: RunConfig, state: RunState<Position> | null, lock: RunLock) {
    for (const folder of ["rollouts", "checkpoints"]) mkdirSync(join(path, folder), { recursive: true });
    this.path = path;
    this.config = config;
    this.state = state;
    this.#lock = lock;
  }

  /** Starts the run, or resumes it where the folder holds one; `fresh` removes that one first. */
  static start<Position>(
    path: string,
    identity: RunIdentity,
    { fresh = false, recipeFile }: { fresh?: boolean; recipeFile?: string } = {},
  ): RunDirectory<Position> {
    if (fresh && existsSync(join(path, "config.json"))) RunDirectory.remove(path);
    return existsSync(join(path, "config.json"))
      ? RunDirectory.open(path, identity)
      : RunDirectory.create(path, identity, recipeFile);
  }

  /** @throws RunError where the folder holds anything already. */
  static create<Position>(path: string, identity: RunIdentity, recipeFile?: string): RunDirectory<Position> {
    const lock = lockFolder(path);
    return releasingOnFailure(lock, () => {
      const others = readdirSync(path).filter(
        (name) => !name.startsWith("lock") && !name.startsWith(".config"),
      );
      if (others.length > 0) {
        throw new RunError(`${path}: holds ${others[0]} and is no new run; choose another --name`);
      }
      const hash = identityHash(identity);
      const config = {
        hash,
        ...identity,
        recipeFile,
        versions: runVersions(),
        createdAt: new Date().toISOString(),
      };
      writeFileAtomic(join(path, "config.json"), `${toJson(config, 2)}\n`);
      const run = new RunDirectory<Position>(path, config, null, lock);
      run.appendEvent("started", { versions: runVersions() });
      return run;
    });
  }

  /**
   * Resumes: cuts the logs back to the last committed state.
   * @throws RunError where another process is in the run, the recipe or an input file has changed, or a log is damaged.
   */
  static open<Position>(path: string, identity: RunIdentity): RunDirectory<Position> {
    if (!existsSync(join(path, "config.json"))) throw noRun(path);
    const lock = lockFolder(path);
    return releasingOnFailure(lock, () => {
      const { config, state: committed } = readRun<Position>(path);
      refuseOtherIdentity(path, config, identity);
      const lengths = committed?.logs ?? {};
      for (const log of new Set([...logFiles(path), ...Object.keys(lengths)])) {
        if (lengths[log] === undefined) rmSync(join(path, log));
        else cutBack(join(path, log), lengths[log]);
      }
      const run = new RunDirectory<Position>(path, config, committed, lock);
      run.appendEvent("resumed", { versions: runVersions(), position: committed?.position ?? null });
      return run;
    });
  }

  /** Removes a run. @throws RunError where the folder is no run or another process is in it. */
  static remove(path: string): void {
    if (!existsSync(join(path, "config.json")))
      throw new RunError(`${path}: not a run directory, left as it is`);
    RunLock.acquire(path);
    rmSync(path, { recursive: true });
  }

  appendMetrics(record: MetricsRecord): void {
    this.#log("metrics.jsonl").append(toJsonLines([record]));
  }

  /** Something that happened, with the time. */
  appendEvent(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#log("events.jsonl").append(toJsonLines([{ time: new Date().toISOString(), event, ...fields }]));
  }

  /** Adds records to `rollouts/<name>.jsonl.gz` as one gzip member, so that a cut between members leaves a valid file. */
  appendRollouts(name: string, records: readonly unknown[]): void {
    if (records.length > 0) this.#log(`rollouts/${name}.jsonl.gz`).append(gzipSync(toJsonLines(records)));
  }

  /** Makes everything appended so far, and the given position, what the next start resumes from. */
  commitState(state: RunState<Position>): void {
    this.appendEvent("committed", { position: state.position });
    for (const log of this.#logs.values()) log.sync();
    syncFolder(join(this.path, "rollouts"));
    const logs = Object.fromEntries(
      logFiles(this.path).map((file) => [file, statSync(join(this.path, file)).size]),
    );
    const committed: CommittedState<Position> = { hash: this.config.hash, ...state, logs };
    this.writeFile("state.json", `${toJson(committed, 2)}\n`);
  }

  /** Writes a file of the run whole or not at all. */
  writeFile(name: string, data: string | Uint8Array): void {
    const path = join(this.path, name);
    try {
      writeFileAtomic(path, data);
    } catch (error) {
      throw writeFailure(path, error);
    }
  }

  /** Folder for the weights saved under a name. */
  checkpointPath(name: string): string {
    return join(this.path, "checkpoints", name);
  }

  /** Removes all checkpoints but these; call it after `commitState`, never before. */
  keepCheckpoints(names: readonly string[]): void {
    for (const name of readdirSync(join(this.path, "checkpoints"))) {
      if (!names.includes(name)) rmSync(this.checkpointPath(name), { recursive: true, force: true });
    }
  }

  readMetrics(): MetricsRecord[] {
    return readRecords(join(this.path, "metrics.jsonl"), fromJson);
  }

  readEvents(): Readonly<Record<string, unknown>>[] {
    return readRecords(join(this.path, "events.jsonl"), JSON.parse);
  }

  readRollouts<T>(name: string): T[] {
    return readRunRollouts(this.path, name);
  }

  /** Gives the folder back to other processes. */
  close(): void {
    for (const log of this.#logs.values()) log.close();
    this.#logs.clear();
    this.#lock.release();
  }

  #log(name: string): AppendLog {
    const log = this.#logs.get(name) ?? new AppendLog(join(this.path, name));
    this.#logs.set(name, log);
    return log;
  }
}

/** What a run is and what it last committed, without entering it. `name` is how messages call it. */
export function readRun<Position>(
  path: string,
  name = path,
): { readonly config: RunConfig; readonly state: CommittedState<Position> | null } {
  if (!existsSync(join(path, "config.json"))) throw noRun(name);
  return {
    config: readJson(join(path, "config.json")),
    state: existsSync(join(path, "state.json")) ? readJson(join(path, "state.json")) : null,
  };
}

/** Records that a run appended to `rollouts/<name>.jsonl.gz`, without entering it; none where it has no such log. */
export function readRunRollouts<T>(path: string, name: string): T[] {
  return readRecords(join(path, "rollouts", `${name}.jsonl.gz`), JSON.parse);
}

const noRun = (name: string): RunError => new RunError(`${name}: no run here; check the path`);

function lockFolder(path: string): RunLock {
  mkdirSync(path, { recursive: true });
  return RunLock.acquire(path);
}

function releasingOnFailure<T>(lock: RunLock, action: () => T): T {
  try {
    return action();
  } catch (error) {
    lock.release();
    throw error;
  }
}

function refuseOtherIdentity(path: string, config: RunConfig, identity: RunIdentity): void {
  if (config.hash === identityHash(identity)) return;
  const [first, ...rest] = identityDifferences(config, identity);
  if (!first)
    throw new RunError(`${path}/config.json: its hash does not fit its content; start over with --fresh`);
  const others =
    rest.length > 0
      ? ` (and ${rest.length} more: ${rest
          .slice(0, 4)
          .map((d) => d.key)
          .join(", ")})`
      : "";
  throw new RunError(
    `${path}: this run was begun with ${first.key} = ${first.before ?? "nothing"}, now it is ${first.now ?? "nothing"}${others}; restore it, choose another --name, or start over with --fresh`,
  );
}

/** Paths of the logs inside a run, with forward slashes. */
function logFiles(path: string): string[] {
  const inFolder = (folder: string, suffix: string): string[] =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.endsWith(suffix))
          .map((name) => relative(path, join(folder, name)).split(sep).join("/"))
      : [];
  return [...inFolder(path, ".jsonl"), ...inFolder(join(path, "rollouts"), ".jsonl.gz")];
}

function readRecords<T>(path: string, parse: (line: string) => unknown): T[] {
  if (!existsSync(path)) return [];
  const content = readFileSync(path);
  return fromJsonLines<T>((path.endsWith(".gz") ? gunzipSync(content) : content).toString("utf8"), parse);
}

function readJson<T>(path: string): T {
  try {
    return fromJson(readFileSync(path, "utf8")) as T;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RunError(`${path}: not readable as JSON (${error.message}); start over with --fresh`, {
      cause: error,
    });
  }
}
