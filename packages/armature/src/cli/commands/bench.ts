import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { benchReport } from "../../bench/bench-report.ts";
import { benchResult } from "../../bench/bench-result.ts";
import { itemPairs, judgeItems } from "../../bench/judge-items.ts";
import { findOverlap } from "../../data/overlap.ts";
import { readPreferencePairs } from "../../data/preference-pairs.ts";
import type { PreferencePair } from "../../data/prompt.ts";
import { ConfigError } from "../../errors.ts";
import { readRun } from "../../run/run-directory.ts";
import { type CommandContext, collected } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";
import { type ItemOptions, readItems, withItemOptions } from "../scoring/read-items.ts";
import { type ScorerOptions, withScorerOptions } from "../scoring/scorer-options.ts";
import { checkScorer, scoringSession } from "../scoring/scoring-session.ts";

interface BenchOptions extends ReportOptions, ScorerOptions, ItemOptions {
  readonly out?: string;
  readonly training?: readonly string[];
}

export function define(command: Command, context: CommandContext): void {
  const example = [
    "armature bench llmbar --data ../shared/data --scorer length --out bench-length",
    "armature bench pairs.jsonl --run runs/quickstart --out bench-run",
    "armature bench llmbar --data ../shared/data --model http://127.0.0.1:8000/v1 --model-name qwen3 --rubric-writer arm --out bench-judge",
  ].join("\n  ");
  withItemOptions(withReportOptions(command, example))
    .option(
      "--training <path>",
      "preference pairs, or a run, that the scorer learnt from, to find shared prompts; may be repeated",
      collected,
    )
    .action((suite: string, files: readonly string[], options: BenchOptions) =>
      bench(suite, files, options, context),
    );
  withScorerOptions(command);
}

async function bench(
  name: string,
  named: readonly string[],
  options: BenchOptions,
  context: CommandContext,
): Promise<void> {
  const { cwd } = context.terminal;
  const { seed } = options;
  const output = reportOutput(options, context.terminal);
  checkScorer(options);
  const { suite, files, items, leftOut, all } = await readItems(name, named, options, cwd);
  const overlap =
    options.training === undefined
      ? null
      : findOverlap(
          await trainingPairs(options.training, cwd),
          items.flatMap((item) => itemPairs(item).slice(0, 1)),
        );
  const folder = options.out === undefined ? null : resolve(cwd, options.out);
  await scoringSession(
    options,
    context,
    { prompts: items.map(({ prompt }) => prompt), folder },
    ({ scorer, judging }) => judgeItems(items, scorer, judging),
    (judged, { scorer, usage, seconds }) => {
      const result = benchResult(suite, judged, {
        ...{ scorer: scorer.id, files, leftOut, overlap, seed, seconds: seconds(), usage: usage() },
        ...("score" in scorer &&
          scorer.winProbability !== undefined && { winProbability: scorer.winProbability }),
      });
      output.write(result, benchReport(suite, result, all));
      const nothing = result.rows.every(({ value }) => value === null);
      if (nothing && Object.keys(result.failures).length > 0) context.exitCode = EXIT.failed;
    },
  );
}

/** Pairs of files, and those that runs learnt from. @throws ConfigError for a run that learnt from no pairs. */
async function trainingPairs(paths: readonly string[], cwd: string): Promise<readonly PreferencePair[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const full = resolve(cwd, path);
      const inRun = existsSync(full) && statSync(full).isDirectory();
      return inRun ? runPairs(full, path) : (await readPreferencePairs([full], "skip")).pairs;
    }),
  );
  return found.flat();
}

async function runPairs(folder: string, name: string): Promise<readonly PreferencePair[]> {
  const { config } = readRun(folder, name);
  const { data, seed, rounds, pairsPerRound } = config.recipe as LearntFrom;
  if (Array.isArray(data?.train)) {
    const from = dirname(resolve(folder, config.recipeFile ?? "."));
    const files = data.train.map((file) => resolve(from, file));
    return (await readPreferencePairs(files, "skip")).pairs;
  }
  const count = data?.pairs ?? (rounds ?? 0) * (pairsPerRound ?? 0);
  if (data?.kind !== "sandbox" || !(count > 0))
    throw new ConfigError(`--training ${name}: this run learnt from no pairs; name what it learnt from`);
  const { sandboxPairs } = await import("../../train/sandbox-pairs.ts");
  const { labelNoise = 0 } = data;
  return sandboxPairs(seed, { training: count, labelNoise, watching: 1, heldOut: 1 }).train;
}

/** What recipes of all methods say of their pairs. */
interface LearntFrom {
  readonly seed: number;
  readonly rounds?: number;
  readonly pairsPerRound?: number;
  readonly data?: {
    readonly kind: string;
    readonly train?: readonly string[];
    readonly pairs?: number | null;
    readonly labelNoise?: number;
  };
}
