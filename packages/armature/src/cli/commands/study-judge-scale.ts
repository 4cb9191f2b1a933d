import { resolve } from "node:path";
import type { Command } from "commander";
import { type BenchResult, benchResult } from "../../bench/bench-result.ts";
import { judgeItems } from "../../bench/judge-items.ts";
import { ConfigError } from "../../errors.ts";
import { type JudgeAlignment, judgeAlignment, judgeScaleReport } from "../../study/judge-scale.ts";
import type { CommandContext } from "../command.ts";
import { reportOutput, withReportOptions } from "../report-output.ts";
import type { PairStudyOptions } from "../scoring/pair-study.ts";
import { type ChosenItems, readItems, withItemOptions } from "../scoring/read-items.ts";
import { type ScorerOptions, withScorerOptions } from "../scoring/scorer-options.ts";
import { checkScorer, scoringSession } from "../scoring/scoring-session.ts";

const EXAMPLE =
  "armature study judge-scale pairs.jsonl --model small.gguf --model http://127.0.0.1:8000/v1#large --rubrics rubrics.jsonl --out scale";

export function define(command: Command, context: CommandContext): void {
  withItemOptions(withReportOptions(command, EXAMPLE)).action(
    (suite: string, files: readonly string[], options: PairStudyOptions) =>
      study(suite, files, options, context),
  );
  withScorerOptions(command);
}

async function study(
  name: string,
  named: readonly string[],
  options: PairStudyOptions,
  context: CommandContext,
): Promise<void> {
  const specs = options.model ?? [];
  const conditions = specs.map((spec) => conditionsOf(options, spec));
  if (conditions.length === 0) throw new ConfigError("which judges? give --model once for each of them");
  for (const { without, withRubric } of conditions) for (const one of [without, withRubric]) checkScorer(one);
  const output = reportOutput(options, context.terminal);
  const chosen = await readItems(name, named, options, context.terminal.cwd);
  const began = performance.now();
  const judges: JudgeAlignment[] = [];
  for (const [i, { without, withRubric }] of conditions.entries()) {
    const plain = await resultOf(chosen, without, context);
    const guided = plain === null ? null : await resultOf(chosen, withRubric, context);
    // A dry run and a stopped one have printed what there is to say.
    if (plain === null || guided === null) {
      if (options.dryRun !== true) return;
      continue;
    }
    judges.push(judgeAlignment(specs[i]!, plain, guided, { seed: options.seed }));
  }
  if (options.dryRun === true) return;
  const { suite, files, items } = chosen;
  const { seed } = options;
  const modes = `mode likert without a rubric and mode ${options.mode ?? "implicit"} with one`;
  output.write(
    { suite: suite.name, judges, files, seed },
    judgeScaleReport(
      { suite: suite.title, judges },
      {
        ...{ files, all: items.length, seed, usage: null, modes },
        seconds: (performance.now() - began) / 1000,
      },
    ),
  );
}

/** The two ways of asking one judge. @throws ConfigError for a mode that has no counterpart without a rubric. */
function conditionsOf(
  options: PairStudyOptions,
  spec: string,
): { readonly without: ScorerOptions; readonly withRubric: ScorerOptions } {
  const { mode = "implicit" } = options;
  if (mode === "pairwise" || mode === "likert" || mode === "reference-likert")
    throw new ConfigError(
      `mode ${mode} has no counterpart here; likert is what every judge does without a rubric, and --mode says how it reads one`,
    );
  const { rubric: _r, rubrics: _s, rubricWriter: _w, writerModel: _m, aggregate: _a, ...rest } = options;
  const { minCoverage: _c, criteriaPerCall: _p, ...bare } = rest;
  return {
    without: { ...bare, model: [spec], mode: "likert" },
    withRubric: { ...options, model: [spec], mode },
  };
}

/** Null for a dry run and where the judging was stopped. */
async function resultOf(
  { suite, files, items, leftOut }: ChosenItems,
  options: ScorerOptions,
  context: CommandContext,
): Promise<BenchResult | null> {
  const folder = options.out === undefined ? null : resolve(context.terminal.cwd, options.out);
  let result: BenchResult | null = null;
  await scoringSession(
    options,
    context,
    { prompts: items.map(({ prompt }) => prompt), folder },
    ({ scorer, judging }) => judgeItems(items, scorer, judging),
    (judged, { scorer, usage, seconds }) => {
      result = benchResult(suite, judged, {
        ...{ scorer: scorer.id, files, leftOut, overlap: null, seed: options.seed },
        ...{ seconds: seconds(), usage: usage() },
      });
    },
  );
  return result;
}
