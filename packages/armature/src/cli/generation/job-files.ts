import { existsSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { checkRowsPath } from "../../data/write-rows.ts";
import { ConfigError } from "../../errors.ts";
import { type JobSettings, RowJournal } from "../../run/row-journal.ts";

/** Files of a long job, all beside its output. */
export interface JobFiles {
  readonly out: string;
  /** What could not be done, row by row. */
  readonly failures: string;
  /** Results so far; removed when the job is done. */
  readonly journal: string;
  /** Answers of the models, kept: the default of --cache. */
  readonly calls: string;
}

/** `rubrics.jsonl` has `rubrics.failures.jsonl` and so on beside it. @throws ConfigError where `out` cannot be written. */
export function jobFiles(out: string, cwd: string): JobFiles {
  const path = resolve(cwd, out);
  if (!existsSync(dirname(path)))
    throw new ConfigError(`--out ${out}: its folder does not exist; create it first`);
  checkRowsPath(path);
  const stem = path.replace(/\.\w+?(?:\.gz)?$/, "");
  return {
    out: path,
    failures: `${stem}.failures.jsonl`,
    journal: `${stem}.job.jsonl`,
    calls: `${stem}.calls.jsonl`,
  };
}

/** The journal of the job; `fresh` begins it anew. */
export function openJournal<R>(files: JobFiles, settings: JobSettings, fresh: boolean): RowJournal<R> {
  if (fresh) rmSync(files.journal, { force: true });
  return RowJournal.open<R>(files.journal, settings);
}
