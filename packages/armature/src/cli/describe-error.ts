import { TinkerError } from "@armature/tinker";
import { CommanderError } from "commander";
import { ArmatureError, ConfigError } from "../errors.ts";

/** Exit codes: 0 done, 1 failed, 2 wrong usage or recipe; 130 is set where a run was interrupted. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Classes of the engine whose messages are made for users; by name, for they are loaded only when the engine is. */
const ENGINE_ERRORS = new Set(["ModelFileError", "CheckpointError"]);

const SYSTEM_MENDS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder; check the path",
  EACCES: "permission denied; check the permissions",
  EISDIR: "is a folder; name a file",
  ENOTDIR: "a part of the path is a file; check the path",
  ENOSPC: "the disk is full; free some space",
  EROFS: "the file system is read-only; choose another folder",
};

/** An error as one line for its reader, and the exit code. What is no one's input is called unexpected, as the fault of this program. */
export function describeError(error: unknown): { readonly line: string; readonly exitCode: number } {
  if (error instanceof CommanderError) {
    const what = oneLine(error.message.replace(/^error: /, "")).replace(/\.$/, "");
    return { line: `${what}; --help shows the usage`, exitCode: EXIT.usage };
  }
  if (ConfigError.isInstance(error)) return { line: error.message, exitCode: EXIT.usage };
  if (ArmatureError.isInstance(error) || TinkerError.isInstance(error)) {
    return { line: (error as Error).message, exitCode: EXIT.failed };
  }
  if (!(error instanceof Error)) return { line: `unexpected error: ${String(error)}`, exitCode: EXIT.failed };
  if (ENGINE_ERRORS.has(error.name)) return { line: oneLine(error.message), exitCode: EXIT.failed };
  const { code, path } = error as NodeJS.ErrnoException;
  const mend = SYSTEM_MENDS[code ?? ""];
  if (mend !== undefined)
    return { line: path === undefined ? mend : `${path}: ${mend}`, exitCode: EXIT.failed };
  return {
    line: `unexpected error: ${oneLine(error.message)}; please report it with what --debug prints`,
    exitCode: EXIT.failed,
  };
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ");
