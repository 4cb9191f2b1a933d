import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { RunError } from "../errors.ts";

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process in clock ticks (Linux), which tells a process from a later one with the same pid. */
  readonly started: string | null;
}

/** Keeps a second process out of a run directory. A lock whose process is gone (kill -9) is taken over. */
export class RunLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * `path` is the lock's own file, in the folder by default; messages name `folder`.
   * @throws RunError where a living process, or one on another machine, holds the folder.
   */
  static acquire(folder: string, path = join(folder, "lock")): RunLock {
    const draft = `${path}.${process.pid}`;
    const holder: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
    writeFileSync(draft, JSON.stringify(holder));
    try {
      // A link appears with its content or not at all, so no other process ever reads half a lock.
      while (!tryLink(draft, path)) evictDeadHolder(folder, path);
    } finally {
      rmSync(draft, { force: true });
    }
    return new RunLock(path);
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function evictDeadHolder(folder: string, path: string): void {
  const content = readIfPresent(path);
  if (content === null) return;
  const holder = readHolder(content);
  if (holder.host !== hostname()) {
    throw new RunError(
      `${folder}: locked by process ${holder.pid} on ${holder.host}; if nothing runs there any more, delete ${path}`,
    );
  }
  if (isAlive(holder)) {
    throw new RunError(`${folder}: in use by process ${holder.pid}; wait for it, or stop it first`);
  }
  const evicted = `${path}.dead.${process.pid}`;
  try {
    renameSync(path, evicted);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  // Two processes may find the same dead holder; the slower one must not throw out the quicker one's new lock.
  if (readFileSync(evicted, "utf8") !== content) tryLink(evicted, path);
  rmSync(evicted, { force: true });
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function readHolder(content: string): Holder {
  try {
    return JSON.parse(content) as Holder;
  } catch {
    return { pid: 0, host: hostname(), started: null };
  }
}

function isAlive({ pid, started }: Holder): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return started === null || startOf(pid) === started;
}

function startOf(pid: number): string | null {
  try {
    // Field 22 of proc(5) stat; the name in field 2 may hold spaces and brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
