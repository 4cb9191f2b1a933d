import { resolve } from "node:path";
import type { Command } from "commander";
import { compareReport } from "../../bench/compare-report.ts";
import { compareResults } from "../../bench/compare-results.ts";
import { readBenchResult } from "../../bench/open-suite.ts";
import { type CommandContext, numberBetween, wholeNumber } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";

interface CompareOptions extends ReportOptions {
  readonly threshold?: number;
  readonly seed: number;
}

export function define(command: Command, context: CommandContext): void {
  withReportOptions(command, "armature bench compare before/result.json after/result.json --threshold 1")
    .argument("<first>", "result.json of armature bench")
    .argument("<second>", "another one of the same suite")
    .option(
      "--threshold <points>",
      "exit with code 1 where the second one's average lies more than so many points below the first one's",
      numberBetween(0, 100),
    )
    .option("--seed <n>", "of the intervals", wholeNumber(0), 0)
    .action((first: string, second: string, options: CompareOptions) => {
      const { terminal } = context;
      const { threshold, seed } = options;
      const output = reportOutput(options, terminal);
      const [one, other] = [first, second].map((file) => readBenchResult(resolve(terminal.cwd, file)));
      const comparison = compareResults(one!, other!, { seed });
      output.write(comparison, compareReport(comparison, seed));
      if (threshold === undefined) return;
      // Without an average of the suite the mean difference of a row takes its place.
      const loss = -100 * (comparison.average?.difference ?? comparison.difference.value);
      if (loss <= threshold) return;
      terminal.stderr.write(`${other!.scorer} lies ${loss.toFixed(2)} points below ${one!.scorer}\n`);
      context.exitCode = EXIT.failed;
    });
}
