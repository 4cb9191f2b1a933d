import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { writeFileAtomic } from "../run/atomic-file.ts";
import { toJsonLines } from "../run/json-lines.ts";
import type { Terminal } from "./command.ts";

/** Where a command's rows go: a file, written whole at the end, or stdout. */
export interface RowOutput {
  write(rows: readonly unknown[]): void;
}

/** @throws ConfigError at once, not after the work, where the folder of `out` does not exist. */
export function rowOutput(out: string | undefined, { cwd, stdout }: Terminal): RowOutput {
  if (out === undefined) return { write: (rows) => void stdout.write(toJsonLines(rows)) };
  const path = resolve(cwd, out);
  if (!existsSync(dirname(path)))
    throw new ConfigError(`--out ${out}: its folder does not exist; create it first`);
  return { write: (rows) => writeFileAtomic(path, toJsonLines(rows)) };
}
