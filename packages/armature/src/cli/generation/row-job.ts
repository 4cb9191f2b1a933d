import type { CallOptions } from "../../llm/language-model.ts";
import { mapConcurrently } from "../../llm/map-concurrently.ts";
import type { Interruption } from "../../run/interruption.ts";
import type { Progress } from "../../run/progress.ts";
import type { RowJournal } from "../../run/row-journal.ts";

/** Work to be done for each of many rows, which may be stopped and gone on with. */
export interface RowJob<T, R> {
  readonly rows: readonly T[];
  /** Equal rows have equal keys and share a result. */
  keyOf(row: T): string;
  work(row: T, options: CallOptions): Promise<R>;
  /** True for a result that a later start should try again, such as a timeout; it is not logged. */
  isOpen(result: R): boolean;
  /** Null for a job too short to be worth a log. */
  readonly journal: RowJournal<R> | null;
  readonly concurrency: number;
  readonly phase: string;
  readonly progress: Progress;
  readonly interruption: Interruption;
  /** Cost so far and the like. */
  metrics(): Readonly<Record<string, number>>;
}

/** What a job came to. */
export interface RowJobResult<R> {
  /** In the rows' order; undefined for rows that were not reached. */
  readonly results: readonly (R | undefined)[];
  /** Rows that an earlier start had done. */
  readonly resumed: number;
  readonly interrupted: boolean;
}

/** Does the rows that the journal lacks. An interruption lets what runs end, and keeps it. */
export async function runRowJob<T, R>(job: RowJob<T, R>): Promise<RowJobResult<R>> {
  const { rows, journal, interruption, progress, phase } = job;
  const results = new Map<string, R>();
  const open = new Map<string, T>();
  for (const row of rows) {
    const key = job.keyOf(row);
    const known = journal?.get(key);
    if (known === undefined) open.set(key, row);
    else results.set(key, known);
  }
  const resumed = results.size;
  const total = resumed + open.size;
  const show = () => progress.update({ phase, done: results.size, total, metrics: job.metrics() });
  show();
  const keys = [...open.keys()];
  try {
    await mapConcurrently(open.values(), (row, _, signal) => job.work(row, { signal }), {
      concurrency: job.concurrency,
      signal: interruption.signal,
      onResult: (result, index) => {
        const key = keys[index]!;
        results.set(key, result);
        if (!job.isOpen(result)) journal?.append(key, result);
        show();
      },
    });
  } catch (error) {
    if (!interruption.stopRequested) throw error;
  } finally {
    progress.end();
  }
  return {
    results: rows.map((row) => results.get(job.keyOf(row))),
    resumed,
    interrupted: interruption.stopRequested,
  };
}
