import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { TinkerError } from "../errors.ts";
import { type CheckpointPath, checkpointId, writeCheckpointPath } from "../wire/index.ts";
import type { TarEntry } from "./tar-archive.ts";
import type { AdapterChoice } from "./training-backend.ts";

/** What users attach to runs and checkpoints. */
export type Metadata = Readonly<Record<string, unknown>>;

/** What is known of one training run for as long as it has checkpoints. */
export interface RunRecord {
  readonly runId: string;
  readonly baseModel: string;
  /** null where all weights are trained. */
  readonly adapter: AdapterChoice | null;
  readonly userMetadata?: Metadata;
}

/** What is kept beside the weights of a checkpoint. */
export interface CheckpointRecord {
  readonly place: CheckpointPath;
  /** ISO 8601. */
  readonly time: string;
  readonly expiresAt: string | null;
  readonly sizeBytes: number;
  readonly userMetadata?: Metadata;
}

const RECORD = "checkpoint.json";
const RUN_RECORD = "run.json";

/**
 * Checkpoints on disk: `RUN/weights/NAME/state` as the engine writes it, beside it `checkpoint.json`, which is written last and
 * makes the checkpoint exist. Colons of run ids become `~`, since not every file system has them.
 */
export class CheckpointStore {
  readonly root: string;
  /** Paths of checkpoints that are being written. */
  readonly #writing = new Set<string>();

  constructor(root: string) {
    this.root = root;
  }

  /** The folder that a model of this run saves into. Throws `TinkerError` of kind `user` for an id that could leave the store. */
  runFolder(runId: string): string {
    if (!/^[A-Za-z0-9][A-Za-z0-9:_-]*$/.test(runId))
      throw new TinkerError("user", `"${runId}" is no id of a training run`);
    return join(this.root, runId.replaceAll(":", "~"));
  }

  #stateName({ kind, name }: CheckpointPath): string {
    if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(name))
      throw new TinkerError(
        "user",
        `checkpoint name "${name}": use letters, digits, "_", "-" and ".", at most 200, and no "." at the start`,
      );
    return join(checkpointId(kind, name), "state");
  }

  saveRun(run: RunRecord): void {
    const folder = this.runFolder(run.runId);
    mkdirSync(folder, { recursive: true });
    writeWhole(join(folder, RUN_RECORD), run);
  }

  /** Throws `TinkerError` of kind `user` where there is no such run. */
  run(runId: string): RunRecord {
    const file = join(this.runFolder(runId), RUN_RECORD);
    if (!existsSync(file))
      throw new TinkerError("user", `there is no training run ${runId} with checkpoints here`);
    return JSON.parse(readFileSync(file, "utf8")) as RunRecord;
  }

  /** All runs that saved something. */
  runs(): readonly RunRecord[] {
    return foldersIn(this.root).flatMap((name) => {
      const file = join(this.root, name, RUN_RECORD);
      return existsSync(file) ? [JSON.parse(readFileSync(file, "utf8")) as RunRecord] : [];
    });
  }

  /**
   * Makes way for a checkpoint; the result is the name of the engine's folder of it, below `runFolder`. Call `end` after it.
   * Throws `TinkerError` of kind `user` where the name is taken.
   */
  begin(place: CheckpointPath, overwrite: boolean): string {
    const path = writeCheckpointPath(place);
    const state = this.#stateName(place);
    if (this.#writing.has(path)) throw new TinkerError("user", `${path} is being written; wait for it`);
    if (existsSync(join(this.#folder(place), RECORD)) && !overwrite)
      throw new TinkerError("user", `${path} exists; choose another name, or set overwrite`);
    rmSync(join(this.#folder(place), RECORD), { force: true });
    this.#writing.add(path);
    return state;
  }

  /** Declares a checkpoint whose weights were just written complete. */
  commit(place: CheckpointPath, ttlSeconds: number | null, userMetadata?: Metadata): void {
    const files = filesIn(join(this.#folder(place), "state"));
    const record: CheckpointRecord = {
      place,
      time: new Date().toISOString(),
      expiresAt: expiry(ttlSeconds),
      sizeBytes: files.reduce((sum, { size }) => sum + size, 0),
      ...(userMetadata && { userMetadata }),
    };
    writeWhole(join(this.#folder(place), RECORD), record);
  }

  end(place: CheckpointPath): void {
    this.#writing.delete(writeCheckpointPath(place));
  }

  setTtl(place: CheckpointPath, ttlSeconds: number | null): void {
    const record = { ...this.record(place), expiresAt: expiry(ttlSeconds) };
    writeWhole(join(this.#folder(place), RECORD), record);
  }

  /** Throws `TinkerError` of kind `user` where there is no such checkpoint, or it has expired. */
  record(place: CheckpointPath): CheckpointRecord {
    const record = this.#read(place);
    if (record) return record;
    throw new TinkerError(
      "user",
      `there is no checkpoint ${writeCheckpointPath(place)} here; it was not saved, expired or was deleted`,
    );
  }

  /** Where the engine finds the weights. Throws as `record` does. */
  statePath(place: CheckpointPath): string {
    this.record(place);
    return join(this.runFolder(place.run), this.#stateName(place));
  }

  /** The checkpoints of a run, the oldest first; those that expired are deleted. */
  list(runId: string): readonly CheckpointRecord[] {
    const records = (["training", "sampler"] as const).flatMap((kind) =>
      foldersIn(join(this.runFolder(runId), checkpointId(kind, ""))).flatMap((name) => {
        const place = { run: runId, kind, name };
        const record = this.#read(place);
        return record ? [record] : [];
      }),
    );
    return records.sort((a, b) => (a.time < b.time ? -1 : 1));
  }

  /** Throws `TinkerError` where there is none. */
  delete(place: CheckpointPath): void {
    this.record(place);
    this.#remove(place);
  }

  /** The files of a checkpoint and the marker that clients look for, for an archive. */
  entries(place: CheckpointPath): readonly TarEntry[] {
    const files = filesIn(this.statePath(place));
    return [...files, { name: "checkpoint_complete", size: 0, content: new Uint8Array() }];
  }

  #read(place: CheckpointPath): CheckpointRecord | undefined {
    const file = join(this.#folder(place), RECORD);
    if (!existsSync(file)) return undefined;
    const record = JSON.parse(readFileSync(file, "utf8")) as CheckpointRecord;
    if (record.expiresAt === null || Date.parse(record.expiresAt) > Date.now()) return record;
    this.#remove(place);
    return undefined;
  }

  #remove(place: CheckpointPath): void {
    const folder = this.#folder(place);
    // First of all it stops to exist.
    rmSync(join(folder, RECORD), { force: true });
    rmSync(folder, { recursive: true, force: true });
  }

  #folder(place: CheckpointPath): string {
    return dirname(join(this.runFolder(place.run), this.#stateName(place)));
  }
}

/** Names a content: equal values have equal digests. */
export const digestOf = (bytes: Uint8Array | string): string =>
  createHash("sha256").update(bytes).digest("base64url");

function expiry(ttlSeconds: number | null): string | null {
  return ttlSeconds === null ? null : new Date(Date.now() + ttlSeconds * 1000).toISOString();
}

function filesIn(folder: string): TarEntry[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ name, size: statSync(join(folder, name)).size, content: join(folder, name) }));
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

function writeWhole(file: string, value: object): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.partial`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(temporary, file);
}
