import { resolve } from "node:path";
import type { Command } from "commander";
import { readScoredResponses } from "../../study/scored-responses.ts";
import { studyTail } from "../../study/tail-empirical.ts";
import { tailStudyReport, tailTheory, tailTheoryReport } from "../../study/tail-report.ts";
import { type CommandContext, numberBetween, wholeNumber } from "../command.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";

interface TailOptions extends ReportOptions {
  readonly cells?: number;
  readonly top: number;
  readonly seed: number;
}

export function define(command: Command, context: CommandContext): void {
  withReportOptions(command, "armature study tail scores.jsonl --top 0.25 --out tail")
    .argument(
      "[scores]",
      "rows of prompt, proxy and gold (JSONL, JSON, YAML or parquet); without it the theory's own curves",
    )
    .option(
      "--cells <n>",
      "cells in which the map is shown (default: 20, or the fewest responses)",
      wholeNumber(1),
    )
    .option(
      "--top <share>",
      "share of the responses, by gold, that is the high region",
      numberBetween(0, 1),
      0.5,
    )
    .option("--seed <n>", "of intervals, ties and the held-out half", wholeNumber(0), 0)
    .action((scores: string | undefined, options: TailOptions) => study(scores, options, context));
}

async function study(
  file: string | undefined,
  { cells, top: topShare, seed, ...options }: TailOptions,
  { terminal }: CommandContext,
): Promise<void> {
  const output = reportOutput(options, terminal);
  if (file === undefined) {
    const theory = tailTheory();
    output.write(theory, tailTheoryReport(theory));
    return;
  }
  const { prompts, unscored, tooFew } = await readScoredResponses(resolve(terminal.cwd, file));
  const result = studyTail(prompts, { seed, topShare, ...(cells !== undefined && { cells }) });
  output.write(
    { ...result, unscored, tooFew, seed },
    tailStudyReport(result, { file, unscored, tooFew, seed }),
  );
}
