import { relative, resolve } from "node:path";
import type { Command } from "commander";
import { type CostRow, estimateCost } from "../../config/cost-estimate.ts";
import { type LoadedRecipe, loadRecipe, printRecipe } from "../../config/load-recipe.ts";
import type { Recipe } from "../../config/recipe-schema.ts";
import { INTERRUPTED_EXIT_CODE, Interruption } from "../../run/interruption.ts";
import { toJson } from "../../run/json-lines.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import { type Report, writeReport } from "../../run/report.ts";
import { changeText, numberText } from "../../run/report-number.ts";
import { RunDirectory } from "../../run/run-directory.ts";
import { type CommandContext, type CommonOptions, collected, withCommonOptions } from "../command.ts";
import type { Operations, TrainingJob, TrainingMethod, TrainingOutcome } from "../operations.ts";
import { printTable } from "../print-table.ts";
import { dataFingerprints, defaultRunName, namedFiles, runFolder } from "../run-files.ts";

interface TrainOptions extends CommonOptions {
  readonly name?: string;
  readonly runs: string;
  readonly set?: readonly string[];
  readonly fresh?: boolean;
  readonly dryRun?: boolean;
}

export function define(command: Command, context: CommandContext): void {
  withCommonOptions(
    command,
    "armature train recipes/quickstart/recipe.yaml --set judge.klBeta=0.3 --name first",
  )
    .argument("<recipe>", "recipe file (YAML or JSON)")
    .option("--name <name>", "name of the run (default: the recipe's)")
    .option("--runs <folder>", "folder that holds the runs", "runs")
    .option("--set <key=value>", "override a key of the recipe; may be repeated", collected)
    .option("--fresh", "remove a run of this name and start over")
    .option("--dry-run", "print the resolved recipe and what it costs at most, and stop")
    .action((recipe: string, options: TrainOptions) => train(recipe, options, context));
}

async function train(file: string, options: TrainOptions, context: CommandContext): Promise<void> {
  const { terminal, operations } = context;
  const loaded = loadRecipe(file, options.set ?? [], terminal.cwd);
  const folder = runFolder(options.runs, options.name ?? defaultRunName(resolve(terminal.cwd, file)));
  const named = namedFiles(loaded);
  if (options.dryRun) {
    terminal.stdout.write(dryRun(loaded, folder, options.json ?? false));
    return;
  }
  const identity = { recipe: loaded.recipe, inputs: await dataFingerprints(named) };
  const path = resolve(terminal.cwd, folder);
  const run = RunDirectory.start(path, identity, {
    fresh: options.fresh ?? false,
    recipeFile: relative(path, resolve(terminal.cwd, file)),
  });
  const progress = options.json ? SILENT_PROGRESS : progressOn(terminal.stderr);
  const interruption = new Interruption((line) => progress.say(line));
  try {
    const { recipe, resolve: resolvePath } = loaded;
    const outcome = await trainBy(operations, { recipe, resolve: resolvePath, run, progress, interruption });
    progress.end();
    if (outcome.status === "finished") writeReport(path, outcome.report);
    else context.exitCode = INTERRUPTED_EXIT_CODE;
    terminal.stdout.write(
      options.json ? `${toJson(resultJson(folder, outcome))}\n` : resultText(folder, outcome),
    );
  } finally {
    progress.end();
    interruption.dispose();
    run.close();
  }
}

async function trainBy(operations: Operations, job: TrainingJob): Promise<TrainingOutcome> {
  // Each method takes its own recipe; the schema has checked that this one is.
  const method = (await operations.train[job.recipe.method]()) as TrainingMethod<Recipe>;
  return method(job);
}

function resultJson(run: string, outcome: TrainingOutcome): object {
  return outcome.status === "finished"
    ? { run, status: outcome.status, summary: outcome.report.summary }
    : { run, ...outcome };
}

function resultText(run: string, outcome: TrainingOutcome): string {
  if (outcome.status === "interrupted") return `saved in ${run}; the same command goes on from here\n`;
  return `\n${summaryTable(outcome.report)}\n\nreport  ${run}/report.html\n`;
}

function summaryTable({ summary }: Report): string {
  const rows = summary.map(({ label, format, before, after, change }) => [
    label,
    before ? numberText(before.value, format) : "",
    numberText(after.value, format),
    change ? changeText(change, format) : "",
  ]);
  return printTable([["", "before", "after", "change"], ...rows]);
}

function dryRun(loaded: LoadedRecipe, run: string, json: boolean): string {
  const { recipe } = loaded;
  const cost = estimateCost(recipe);
  if (json) return `${toJson({ run, recipe, cost })}\n`;
  return `${printRecipe(loaded)}\n\n${costText(cost)}\nrun     ${run}\n`;
}

function costText(cost: readonly CostRow[]): string {
  const count = (value: number) => value.toLocaleString("en");
  const rows = cost.map(({ part, decodedTokens, trainedTokens }) => [
    part,
    count(decodedTokens),
    count(trainedTokens),
  ]);
  const total = (of: "decodedTokens" | "trainedTokens") => count(cost.reduce((sum, row) => sum + row[of], 0));
  const totals = cost.length > 1 ? [["total", total("decodedTokens"), total("trainedTokens")]] : [];
  return `At most, in completion tokens; prompts come on top:\n${printTable([["", "decoded", "trained"], ...rows, ...totals])}\n`;
}
