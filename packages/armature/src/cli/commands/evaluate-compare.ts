import { resolve } from "node:path";
import type { Command } from "commander";
import { comparePolicies, readPolicyResult } from "../../policy-bench/compare-policies.ts";
import { comparisonReport } from "../../policy-bench/comparison-report.ts";
import { type CommandContext, numberBetween, wholeNumber } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";

interface CompareOptions extends ReportOptions {
  readonly threshold?: number;
  readonly seed: number;
}

export function define(command: Command, context: CommandContext): void {
  withReportOptions(command, "armature evaluate compare base/result.json trained/result.json --threshold 1")
    .argument("<first>", "result.json of armature evaluate")
    .argument("<second>", "another one of the same suite")
    .option(
      "--threshold <points>",
      "exit with code 1 where the second one's first measure lies more than so many points below the first one's",
      numberBetween(0, 100),
    )
    .option("--seed <n>", "of the intervals", wholeNumber(0), 0)
    .action((first: string, second: string, options: CompareOptions) => {
      const { terminal } = context;
      const output = reportOutput(options, terminal);
      const [one, other] = [first, second].map((file) => readPolicyResult(resolve(terminal.cwd, file)));
      const comparison = comparePolicies(one!, other!, { seed: options.seed });
      output.write(comparison, comparisonReport(comparison));
      const loss = -100 * comparison.measures[0]!.difference.value;
      if (options.threshold === undefined || loss <= options.threshold) return;
      terminal.stderr.write(`${other!.policy} lies ${loss.toFixed(2)} points below ${one!.policy}\n`);
      context.exitCode = EXIT.failed;
    });
}
