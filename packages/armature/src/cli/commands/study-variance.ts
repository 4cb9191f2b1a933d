import type { Command } from "commander";
import { varianceReport } from "../../study/variance-report.ts";
import { studyVariance } from "../../study/variance-study.ts";
import { type CommandContext, wholeNumber } from "../command.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";

interface VarianceOptions extends ReportOptions {
  readonly toys: number;
  readonly seed: number;
}

export function define(command: Command, { terminal }: CommandContext): void {
  withReportOptions(command, "armature study variance --toys 500 --out variance")
    .option("--toys <n>", "random toys to enumerate", wholeNumber(1), 2000)
    .option("--seed <n>", "of the toys", wholeNumber(0), 0)
    .action(({ toys, seed, ...options }: VarianceOptions) => {
      const output = reportOutput(options, terminal);
      const study = studyVariance({ seed, toys });
      output.write(study, varianceReport(study));
    });
}
