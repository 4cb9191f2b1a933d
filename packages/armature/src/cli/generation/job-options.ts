import { type Command, Option } from "commander";
import type { BadRows } from "../../data/preference-pairs.ts";
import { toJson } from "../../run/json-lines.ts";
import { type CommonOptions, type Terminal, wholeNumber } from "../command.ts";
import { withLanguageModelOptions } from "../language-model-options.ts";
import type { JobOptions } from "./generation-job.ts";
import type { InputRows } from "./input-rows.ts";

/** Options of the commands that do a long job over rows. */
export interface RowJobOptions extends JobOptions {
  readonly badRows: BadRows;
  readonly limit?: number;
  readonly dryRun?: boolean;
}

/** Adds them, and those of language models. */
export function withRowJobOptions(command: Command): Command {
  return withLanguageModelOptions(command)
    .addOption(
      new Option("--bad-rows <rule>", "stop at a row that cannot be used, or leave it out")
        .choices(["strict", "skip"])
        .default("strict"),
    )
    .option("--limit <n>", "use the first n rows only", wholeNumber(1))
    .option("--dry-run", "count the calls and ask nothing")
    .option("--fresh", "begin an unfinished job anew");
}

/** The rows that `--limit` leaves. */
export function limited(input: InputRows, limit: number | undefined): InputRows {
  return limit === undefined ? input : { ...input, rows: input.rows.slice(0, limit) };
}

/** What a dry run prints: calls by purpose where every reply can be read at once. */
export function printPlan(
  counts: Readonly<Record<string, number>>,
  { rows, skipped }: InputRows,
  { json }: CommonOptions,
  { stdout, stderr }: Terminal,
): void {
  if (json) {
    stdout.write(`${toJson({ rows: rows.length, skipped: skipped.length, calls: counts })}\n`);
    return;
  }
  const calls = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  stderr.write(
    `${rows.length} rows: ${calls.join(", ")}; a reply that cannot be read is asked for again on top\n`,
  );
  for (const place of skipped) stderr.write(`left out ${place}\n`);
}
