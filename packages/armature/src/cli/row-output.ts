import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { checkRowsPath, writeRows } from "../data/write-rows.ts";
import { ConfigError } from "../errors.ts";
import { toJsonLines } from "../run/json-lines.ts";
import type { Terminal } from "./command.ts";

/** Where a command's rows go: a file of the format its name tells, written whole at the end, or JSONL on stdout. */
export interface RowOutput {
  write(rows: readonly unknown[]): Promise<void>;
}

/** @throws ConfigError at once, not after the work, where `out` names no known format or its folder does not exist. */
export function rowOutput(out: string | undefined, { cwd, stdout }: Terminal): RowOutput {
  if (out === undefined) return { write: async (rows) => void stdout.write(toJsonLines(rows)) };
  const path = resolve(cwd, out);
  if (!existsSync(dirname(path)))
    throw new ConfigError(`--out ${out}: its folder does not exist; create it first`);
  checkRowsPath(path);
  return { write: (rows) => writeRows(path, rows) };
}
