import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { readPreferencePairs } from "../../data/preference-pairs.ts";
import type { PreferencePair } from "../../data/prompt.ts";
import { ConfigError } from "../../errors.ts";
import { judgePairs } from "../../judge/pairwise-judge.ts";
import { toJson } from "../../run/json-lines.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import { type CommandContext, wholeNumber, withCommonOptions } from "../command.ts";
import {
  type JudgingOptions,
  refuseJudgingOptions,
  withJudgingOptions,
  withSamplingOptions,
} from "../judging/judging-options.ts";
import { countOutcomes, outcomeLine, verdictRow } from "../judging/pair-rows.ts";
import { withLanguageModelOptions } from "../language-model-options.ts";
import { type ModelOptions, modelSource, withModelOptions } from "../model-source.ts";
import { rowOutput } from "../row-output.ts";

type JudgeOptions = JudgingOptions & ModelOptions;

export function define(command: Command, context: CommandContext): void {
  withSamplingOptions(
    withModelOptions(
      withCommonOptions(command, "armature judge pairs.jsonl --run runs/quickstart --out verdicts.jsonl"),
    ),
  )
    .argument(
      "<rows>",
      "preference pairs, or with --model responses and rubrics too; JSONL, parquet, JSON or YAML",
    )
    .option("--seed <n>", "of the judge's sampling and of mixed order", wholeNumber(0), 0)
    .addOption(
      new Option("--bad-rows <rule>", "stop at a row that cannot be read, or leave it out")
        .choices(["strict", "skip"])
        .default("strict"),
    )
    .option("--out <file>", "write the verdicts to a file in place of stdout")
    .action((rows: string, options: JudgeOptions) =>
      (options.model ?? []).length > 0
        ? judgeByLanguageModel(rows, options, context)
        : judge(rows, options, context),
    );
  withJudgingOptions(withLanguageModelOptions(command));
}

async function judgeByLanguageModel(
  file: string,
  options: JudgeOptions,
  context: CommandContext,
): Promise<void> {
  if (options.run !== undefined || options.recipe !== undefined)
    throw new ConfigError("which models? give either --model or a trained pair by --run or --recipe");
  const pairwise = options.mode === "pairwise";
  if (pairwise) await (await import("../judging/judge-pairs.ts")).judgePairRows(file, options, context);
  else await (await import("../judging/judge-responses.ts")).judgeResponseRows(file, options, context);
}

async function judge(
  file: string,
  options: JudgeOptions,
  { terminal, operations }: CommandContext,
): Promise<void> {
  refuseJudgingOptions(options);
  const source = modelSource(options, terminal.cwd);
  const output = rowOutput(options.out, terminal);
  const { pairs } = await readPreferencePairs([resolve(terminal.cwd, file)], options.badRows);
  const rubrics =
    options.rubric === undefined ? new Map() : sameRubric(pairs, resolve(terminal.cwd, options.rubric));
  const progress = options.json ? SILENT_PROGRESS : progressOn(terminal.stderr);
  const models = await (await operations.openModels())(source);
  try {
    const { votes, seed, order: orders, temperature = votes > 1 ? 1 : 0 } = options;
    const { generator, judge: judgeModel, dialect, contextLength } = models;
    const outcomes = await judgePairs({
      ...{
        judge: judgeModel,
        generator,
        dialect,
        contextLength,
        pairs,
        rubrics,
        orders,
        votes,
        temperature,
        seed,
      },
      onProgress: (done, total) => progress.update({ phase: "judging", done, total }),
    });
    progress.end();
    await output.write(outcomes.map((outcome) => verdictRow(outcome, pairs)));
    if (options.out !== undefined && options.json)
      terminal.stdout.write(`${toJson(countOutcomes(outcomes))}\n`);
    else if (!options.json) terminal.stderr.write(`${outcomeLine(countOutcomes(outcomes))}\n`);
  } finally {
    progress.end();
    await models.close();
  }
}

function sameRubric(pairs: readonly PreferencePair[], file: string): ReadonlyMap<string, string> {
  const text = readFileSync(file, "utf8").trim();
  return new Map(pairs.map((pair) => [pair.prompt.id, text]));
}
