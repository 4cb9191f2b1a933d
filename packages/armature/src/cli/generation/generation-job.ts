import { rmSync } from "node:fs";
import { relative } from "node:path";
import { writeRows } from "../../data/write-rows.ts";
import type { FailureKind } from "../../failure.ts";
import { finishingCalls } from "../../llm/finishing-calls.ts";
import type { CallOptions, LanguageModel } from "../../llm/language-model.ts";
import { openLanguageModels } from "../../llm/open-language-model.ts";
import { type UsageReport, usageLine } from "../../llm/usage-report.ts";
import { INTERRUPTED_EXIT_CODE, Interruption } from "../../run/interruption.ts";
import { toJson, toJsonLines } from "../../run/json-lines.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import type { JobSettings } from "../../run/row-journal.ts";
import type { CommandContext, CommonOptions } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { type LanguageModelOptions, languageModelSettings } from "../language-model-options.ts";
import { type InputRow, inputKey } from "./input-rows.ts";
import { type JobFiles, jobFiles, openJournal } from "./job-files.ts";
import { runRowJob } from "./row-job.ts";

/** Options of every command that does a long job with language models. */
export interface JobOptions extends CommonOptions, LanguageModelOptions {
  readonly out?: string;
  readonly fresh?: boolean;
}

/** What became of a row: a row of the output, or a failure that tells why there is none; both where a part is missing. */
export interface RowOutcome {
  readonly row?: object;
  readonly failure?: object;
}

/** A job over rows: what is asked, and how its results are written and summed up. */
export interface GenerationJob<R> {
  readonly phase: string;
  /** Names of the models, in the order that `start` gets them. */
  readonly specs: readonly string[];
  readonly rows: readonly InputRow[];
  /** Rows of the input that were left out. */
  readonly skipped: readonly string[];
  readonly settings: JobSettings;
  start(models: readonly LanguageModel[]): (row: InputRow, options: CallOptions) => Promise<R>;
  /** Kinds of all failures in a result. */
  failuresOf(result: R): readonly FailureKind[];
  outcomeOf(result: R, row: InputRow): RowOutcome;
  /** Counts for people and for --json, of the results there are. */
  summarise(results: readonly R[]): { readonly lines: readonly string[]; readonly counts: object };
  /** Further files, written when the job is done. */
  writeMore?(results: readonly { readonly result: R; readonly row: InputRow }[]): Promise<void>;
}

/** Failures that another start may mend. */
const MAY_PASS: readonly FailureKind[] = ["infrastructure", "timeout", "budget"];

/** Does the job, or goes on with it, writes its files and prints a summary. */
export async function runGenerationJob<R>(
  job: GenerationJob<R>,
  options: JobOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const files = options.out === undefined ? null : jobFiles(options.out, terminal.cwd);
  const opened = await openLanguageModels(
    job.specs,
    languageModelSettings(options, terminal, files?.calls ?? null),
  );
  const progress = options.json ? SILENT_PROGRESS : progressOn(terminal.stderr);
  const interruption = new Interruption((line) => progress.say(line));
  let failed = 0;
  try {
    const settings = { ...job.settings, models: opened.models.map(({ id }) => id).join(" ") };
    const journal = files && openJournal<R>(files, settings, options.fresh === true);
    const work = job.start(opened.models.map(finishingCalls));
    const { results, resumed, interrupted } = await runRowJob({
      ...{ rows: job.rows, keyOf: inputKey, journal, phase: job.phase, progress, interruption },
      concurrency: options.concurrency ?? DEFAULT_ROWS,
      isOpen: (result) => job.failuresOf(result).some((kind) => MAY_PASS.includes(kind)),
      work: async (row, call) => {
        const result = await work(row, call);
        if (job.failuresOf(result).length > 0) failed++;
        return result;
      },
      metrics: () => jobMetrics(opened.usage(), failed),
    });
    const done = job.rows.flatMap((row, i) => {
      const result = results[i];
      return result === undefined ? [] : [{ row, result }];
    });
    if (interrupted) {
      journal?.close();
      context.exitCode = INTERRUPTED_EXIT_CODE;
      const goOn = journal === null ? "with --out it would be kept" : "run the same command again to go on";
      terminal.stderr.write(`stopped: ${done.length} of ${job.rows.length} rows are done; ${goOn}\n`);
      return;
    }
    const open = done.filter(({ result }) =>
      job.failuresOf(result).some((kind) => MAY_PASS.includes(kind)),
    ).length;
    const outcomes = done.map(({ row, result }) => job.outcomeOf(result, row));
    await writeOutcomes(outcomes, files, context);
    await job.writeMore?.(done);
    if (open === 0) journal?.remove();
    else journal?.close();
    report(
      job,
      { results: done.map(({ result }) => result), resumed, open, usage: opened.usage() },
      options,
      {
        files,
        context,
      },
    );
    if (!outcomes.some(({ row }) => row !== undefined)) context.exitCode = EXIT.failed;
  } finally {
    interruption.dispose();
    progress.end();
    await opened.close();
  }
}

/** Rows under way; each has at least one call in flight, and the limiter of the models decides how many are sent. */
const DEFAULT_ROWS = 64;

function jobMetrics({ total }: UsageReport, failed: number): Readonly<Record<string, number>> {
  const { costUsd } = total.usage;
  return {
    ...(costUsd !== null && costUsd > 0 && { "cost in $": costUsd }),
    ...(failed > 0 && { failed }),
  };
}

async function writeOutcomes(
  outcomes: readonly RowOutcome[],
  files: JobFiles | null,
  { terminal }: CommandContext,
): Promise<void> {
  const rows = outcomes.flatMap(({ row }) => row ?? []);
  const failures = outcomes.flatMap(({ failure }) => failure ?? []);
  if (files === null) {
    terminal.stdout.write(toJsonLines(rows));
    terminal.stderr.write(toJsonLines(failures));
    return;
  }
  await writeRows(files.out, rows);
  if (failures.length > 0) await writeRows(files.failures, failures);
  else rmSync(files.failures, { force: true });
}

interface Reported<R> {
  readonly results: readonly R[];
  readonly resumed: number;
  readonly open: number;
  readonly usage: UsageReport;
}

function report<R>(
  job: GenerationJob<R>,
  { results, resumed, open, usage }: Reported<R>,
  { json }: JobOptions,
  { files, context: { terminal } }: { files: JobFiles | null; context: CommandContext },
): void {
  const { lines, counts } = job.summarise(results);
  const skipped = job.skipped.length;
  if (json) {
    if (files !== null)
      terminal.stdout.write(`${toJson({ ...counts, skipped, resumed, open, usage: usage.total })}\n`);
    return;
  }
  const shown = (path: string) => relative(terminal.cwd, path);
  const more = [
    ...lines,
    ...(skipped > 0 ? [`${skipped} rows of the input left out; the first: ${job.skipped[0]}`] : []),
    ...(resumed > 0 ? [`${resumed} rows were done by an earlier start`] : []),
    ...(open > 0 && files !== null
      ? [`${open} rows met failures that may pass; run the same command again to try them once more`]
      : []),
    usageLine(usage),
    ...(files === null ? [] : [`written to ${shown(files.out)}`]),
  ];
  terminal.stderr.write(more.map((line) => `${line}\n`).join(""));
}
