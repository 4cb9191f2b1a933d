import type { Command } from "commander";
import { DataError } from "../../errors.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import { gradientVarianceReport } from "../../study/gradient-variance-report.ts";
import { varianceReport } from "../../study/variance-report.ts";
import { studyVariance } from "../../study/variance-study.ts";
import { type CommandContext, type Terminal, wholeNumber } from "../command.ts";
import { type ModelOptions, modelSource, withModelOptions } from "../model-source.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";

interface VarianceOptions extends ReportOptions, ModelOptions {
  readonly toys: number;
  readonly pairs: number;
  readonly draws: number;
  readonly seed: number;
}

export function define(command: Command, { terminal }: CommandContext): void {
  withModelOptions(withReportOptions(command, "armature study variance --run runs/quickstart --pairs 48"))
    .option("--toys <n>", "without models: random toys to enumerate", wholeNumber(1), 2000)
    .option("--pairs <n>", "with models: held-out pairs to measure on", wholeNumber(1), 24)
    .option("--draws <n>", "with models: draws of each estimator a pair", wholeNumber(2), 16)
    .option("--seed <n>", "of toys, draws and intervals", wholeNumber(0), 0)
    .action((options: VarianceOptions) => study(options, terminal));
}

async function study(options: VarianceOptions, terminal: Terminal): Promise<void> {
  const { toys, seed, run, recipe } = options;
  const output = reportOutput(options, terminal);
  if (run === undefined && recipe === undefined) {
    const result = studyVariance({ seed, toys });
    output.write(result, varianceReport(result));
    return;
  }
  const source = modelSource(options, terminal.cwd);
  const [{ openTrainedModels }, { armData }, { measureGradientVariance }] = await Promise.all([
    import("../../train/open-models.ts"),
    import("../../train/arm-data.ts"),
    import("../../study/gradient-variance.ts"),
  ]);
  const progress = options.json ? SILENT_PROGRESS : progressOn(terminal.stderr);
  const models = await openTrainedModels(source);
  try {
    const { heldOut } = await armData(source.recipe, source.resolve, models.dialect);
    if (heldOut.length === 0)
      throw new DataError(
        "the recipe sets no pairs aside; give it data.heldOut or a data.heldOutShare above 0",
      );
    const result = await measureGradientVariance({
      ...models,
      pairs: heldOut.slice(0, options.pairs),
      draws: options.draws,
      seed,
      onProgress: (done, total) => progress.update({ phase: "gradients", done, total }),
    });
    progress.end();
    const names = run ?? recipe!;
    output.write({ ...result, models: names, seed }, gradientVarianceReport(result, { models: names, seed }));
  } finally {
    progress.end();
    await models.close();
  }
}
