import { resolve } from "node:path";
import type { Command } from "commander";
import { itemPairs } from "../../bench/judge-items.ts";
import type { PreferencePair } from "../../data/prompt.ts";
import type { Report } from "../../run/report.ts";
import type { StudyFacts } from "../../study/study-facts.ts";
import type { CommandContext } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";
import { type ItemOptions, readItems, withItemOptions } from "./read-items.ts";
import { type ScorerOptions, withScorerOptions } from "./scorer-options.ts";
import { checkScorer, type ScoringSession, scoringSession } from "./scoring-session.ts";

/** Options of every study of a scorer on pairs. */
export interface PairStudyOptions extends ReportOptions, ScorerOptions, ItemOptions {
  readonly out?: string;
}

/** A study of a scorer on pairs: what is asked, and the page of what came out. */
export interface PairStudy<R> {
  /** Throws `ConfigError` where the scorer is of the wrong kind. */
  measure(pairs: readonly PreferencePair[], session: ScoringSession, seed: number): Promise<R>;
  /** True where nothing could be judged. */
  isEmpty(result: R): boolean;
  report(result: R, facts: StudyFacts): Report;
}

/** Adds pairs, scorer, `--out` and the rest to a study's command, and does it. */
export function definePairStudy<R extends object>(
  command: Command,
  context: CommandContext,
  example: string,
  study: PairStudy<R>,
): void {
  withItemOptions(withReportOptions(command, example)).action(
    (suite: string, files: readonly string[], options: PairStudyOptions) =>
      pairStudy(suite, files, options, context, study),
  );
  withScorerOptions(command);
}

async function pairStudy<R extends object>(
  name: string,
  named: readonly string[],
  options: PairStudyOptions,
  context: CommandContext,
  { measure, isEmpty, report }: PairStudy<R>,
): Promise<void> {
  const { cwd } = context.terminal;
  const { seed } = options;
  const output = reportOutput(options, context.terminal);
  checkScorer(options);
  const { files, items, all } = await readItems(name, named, options, cwd);
  const pairs = items.filter(({ tie }) => tie !== true).flatMap((item) => itemPairs(item).slice(0, 1));
  const folder = options.out === undefined ? null : resolve(cwd, options.out);
  await scoringSession(
    options,
    context,
    { prompts: pairs.map(({ prompt }) => prompt), folder },
    (session) => measure(pairs, session, seed),
    (result, { scorer, usage, seconds }) => {
      const facts = { scorer: scorer.id, files, all, seed, usage: usage(), seconds: seconds() };
      output.write({ ...result, ...facts }, report(result, facts));
      if (isEmpty(result)) context.exitCode = EXIT.failed;
    },
  );
}
