import { resolve } from "node:path";
import type { Command } from "commander";
import { ConfigError } from "../../errors.ts";
import { comparePolicies } from "../../policy/evaluation/compare-policies.ts";
import { comparisonReport } from "../../policy/evaluation/comparison-report.ts";
import { measurePolicies } from "../../policy/evaluation/measure-policies.ts";
import { readPolicyRun } from "../../policy/evaluation/trained-policy.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import { type CommandContext, numberBetween, wholeNumber } from "../command.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";

interface CompareOptions extends ReportOptions {
  readonly prompts: number;
  readonly samples: number;
  readonly temperature: number;
  readonly seed: number;
}

export function define(command: Command, context: CommandContext): void {
  withReportOptions(
    command,
    "armature policy compare runs/with-judge dpo=runs/dpo-0,runs/dpo-1 --out compared",
  )
    .argument("<policies...>", "a run's folder, or NAME=FOLDER,FOLDER for runs of several seeds")
    .option("--prompts <n>", "held-out prompts", wholeNumber(1), 400)
    .option("--samples <n>", "responses a prompt", wholeNumber(1), 2)
    .option("--temperature <t>", "of the responses", numberBetween(0, 100), 1)
    .option("--seed <n>", "of responses and intervals", wholeNumber(0), 0)
    .action(async (policies: readonly string[], options: CompareOptions) => {
      const { terminal } = context;
      const output = reportOutput(options, terminal);
      const groups = policies.map((policy) => groupOf(policy, terminal.cwd));
      const names = groups.map(({ name }) => name);
      const twice = names.find((name, i) => name === "base" || names.indexOf(name) < i);
      if (twice !== undefined)
        throw new ConfigError(`two policies are called ${twice}; name them by NAME=FOLDER, base being taken`);
      const progress = options.json ? SILENT_PROGRESS : progressOn(terminal.stderr);
      try {
        const measured = await measurePolicies(groups, {
          ...options,
          onProgress: (name, done, total) => progress.update({ phase: `measuring ${name}`, done, total }),
        });
        progress.end();
        const comparison = comparePolicies(measured, { seed: options.seed });
        const prompts = measured[0]!.evaluations[0]!.prompts.length;
        output.write(comparison, comparisonReport(comparison, prompts, options.samples));
      } finally {
        progress.end();
      }
    });
}

function groupOf(policy: string, cwd: string) {
  const [, named, listed] = /^([\w-]+)=(.+)$/.exec(policy) ?? [];
  const folders = (listed ?? policy).split(",").filter((folder) => folder !== "");
  return {
    name: named ?? policy,
    runs: folders.map((folder) => readPolicyRun(folder, resolve(cwd, folder))),
  };
}
