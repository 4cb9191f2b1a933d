import { resolve } from "node:path";
import type { Command } from "commander";
import type { BenchItem } from "../../bench/bench-suite.ts";
import { judgeItems } from "../../bench/judge-items.ts";
import { ConfigError, DataError } from "../../errors.ts";
import type { ResponseRow } from "../../policy-bench/answer-source.ts";
import { type AnsweredTwice, policyWinRate, winRatePairs } from "../../policy-bench/win-rate.ts";
import { winRateReport } from "../../policy-bench/win-rate-report.ts";
import { type CommandContext, wholeNumber } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { responseFile } from "../evaluating/response-file.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";
import { type ScorerOptions, withScorerOptions } from "../scoring/scorer-options.ts";
import { checkScorer, scoringSession } from "../scoring/scoring-session.ts";

interface WinRateOptions extends ReportOptions, ScorerOptions {
  readonly out?: string;
  readonly limit?: number;
}

export function define(command: Command, context: CommandContext): void {
  const example = [
    "armature evaluate win-rate mine.jsonl base.jsonl --model judge.yaml --mode pairwise --rubric-writer predefined --out win-rate",
    "armature evaluate win-rate mine.jsonl base.jsonl --run runs/quickstart",
  ].join("\n  ");
  withReportOptions(command, example)
    .argument("<first>", "responses of the first policy: rows of prompt and response")
    .argument("<second>", "responses of the second one to the same prompts")
    .option("--limit <n>", "only the first n prompts", wholeNumber(1))
    .action((first: string, second: string, options: WinRateOptions) =>
      winRate(first, second, options, context),
    );
  withScorerOptions(command);
}

async function winRate(
  firstFile: string,
  secondFile: string,
  options: WinRateOptions,
  context: CommandContext,
): Promise<void> {
  const { cwd } = context.terminal;
  const { seed, limit, out } = options;
  const output = reportOutput(options, context.terminal);
  if ([options.scorer, options.run, options.recipe, options.model].every((one) => one === undefined))
    throw new ConfigError("who judges? give --model <spec>, --run <folder> or --scorer <name>");
  checkScorer(options);
  const [first, second] = await Promise.all(
    [firstFile, secondFile].map((file) => responseFile(resolve(cwd, file))),
  );
  const answered = joined(first!, second!).slice(0, limit);
  if (answered.length === 0)
    throw new DataError(
      `${firstFile} and ${secondFile}: have no prompt in common with a response in both; give answers to the same prompts`,
    );
  const items = winRatePairs(answered).map(
    ({ id, prompt, chosen, rejected }, i): BenchItem => ({
      ...{ id, prompt, chosen: [chosen], rejected: [rejected], subset: "pairs" },
      source: { file: firstFile, line: i + 1 },
    }),
  );
  await scoringSession(
    options,
    context,
    {
      prompts: items.map(({ prompt }) => prompt),
      folder: out === undefined ? null : resolve(cwd, out),
    },
    ({ scorer, judging }) => judgeItems(items, scorer, judging),
    (judged, { scorer }) => {
      const outcomes = judged.flatMap(({ comparisons }) => comparisons[0]!.outcomes);
      const names = { first: nameOf(first!, firstFile), second: nameOf(second!, secondFile) };
      const result = policyWinRate(answered, outcomes, { ...names, judge: scorer.id, seed });
      output.write(result, winRateReport(result));
      if (result.judged === 0) context.exitCode = EXIT.failed;
    },
  );
}

/** Prompts of the first file that both answered, with the first response of each. */
function joined(first: readonly ResponseRow[], second: readonly ResponseRow[]): readonly AnsweredTwice[] {
  const other = new Map(
    second.flatMap(({ prompt, responses: [one] }) => (one ? [[prompt.id, one.text] as const] : [])),
  );
  const seen = new Set<string>();
  return first.flatMap(({ prompt, responses: [own] }) => {
    const text = other.get(prompt.id);
    if (own === undefined || text === undefined || seen.has(prompt.id)) return [];
    seen.add(prompt.id);
    return [{ prompt, first: own.text, second: text }];
  });
}

/** The model that wrote a file's responses, or the file where it is not said or there are several. */
function nameOf(rows: readonly ResponseRow[], file: string): string {
  const models = new Set(rows.flatMap(({ responses }) => responses.flatMap(({ model }) => model ?? [])));
  return models.size === 1 ? [...models][0]! : file;
}
