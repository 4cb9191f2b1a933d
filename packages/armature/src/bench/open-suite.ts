import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConfigError, DataError } from "../errors.ts";
import type { BenchResult } from "./bench-result.ts";
import type { BenchSuite } from "./bench-suite.ts";
import { pairFiles } from "./suites/pair-files.ts";
import { SUITES, suiteNamed } from "./suites.ts";

/** A suite and the files that it is read from. */
export interface OpenedSuite {
  readonly suite: BenchSuite;
  readonly files: readonly string[];
}

/**
 * What a user named: a suite with its files or a folder of data that holds them, or a pair file. Throws `ConfigError` where the
 * name is neither, or where files are missing.
 */
export function openSuite(
  name: string,
  files: readonly string[],
  { cwd, data }: { readonly cwd: string; readonly data?: string },
): OpenedSuite {
  if (!SUITES.has(name) && existsSync(resolve(cwd, name)))
    return { suite: pairFiles, files: [name, ...files].map((file) => resolve(cwd, file)) };
  const suite = suiteNamed(name);
  if (files.length > 0) return { suite, files: files.map((file) => resolve(cwd, file)) };
  const usual = suite.files.join(", ");
  if (data === undefined || suite.files.length === 0)
    throw new ConfigError(
      `${name}: which files? name them after the suite${usual === "" ? "" : `, or give --data <folder> with ${usual}`}`,
    );
  const found = suite.files.map((file) => join(resolve(cwd, data), file)).filter((file) => existsSync(file));
  if (found.length === 0)
    throw new ConfigError(`--data ${data}: holds none of ${usual}; name the suite's files`);
  return { suite, files: found };
}

/** A result that `armature bench` wrote. Throws `DataError` where the file is none. */
export function readBenchResult(file: string): BenchResult {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
    throw new DataError(`${file}: is not JSON; give a result.json of armature bench`);
  }
  const result = value as Partial<BenchResult> | null;
  if (typeof result?.suite !== "string" || typeof result.scorer !== "string" || !Array.isArray(result.rows))
    throw new DataError(`${file}: is no result of armature bench; give its result.json`);
  return result as BenchResult;
}
