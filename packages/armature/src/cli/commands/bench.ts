import { resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { type Command, Option } from "commander";
import { benchReport } from "../../bench/bench-report.ts";
import { benchResult } from "../../bench/bench-result.ts";
import { type BenchScorer, LONGER, randomScorer, SHORTER } from "../../bench/bench-scorer.ts";
import { itemPairs, judgeItems } from "../../bench/judge-items.ts";
import { openSuite } from "../../bench/open-suite.ts";
import { readSuite } from "../../bench/read-suite.ts";
import { SUITES } from "../../bench/suites.ts";
import { findOverlap } from "../../data/overlap.ts";
import { type BadRows, readPreferencePairs } from "../../data/preference-pairs.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import { type CommandContext, collected, type Terminal, wholeNumber } from "../command.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";

interface BenchOptions extends ReportOptions {
  readonly scorer: string;
  readonly data?: string;
  readonly limit?: number;
  readonly training?: readonly string[];
  readonly badRows: BadRows;
  readonly seed: number;
}

/** Scorers that need no model. */
const SCORERS: Readonly<Record<string, (seed: number) => BenchScorer>> = {
  length: () => LONGER,
  shorter: () => SHORTER,
  random: randomScorer,
};

export function define(command: Command, { terminal }: CommandContext): void {
  withReportOptions(command, "armature bench llmbar --data ../shared/data --scorer length --out bench-length")
    .argument("<suite>", `a pair file, or one of ${[...SUITES.keys()].join(", ")}`)
    .argument("[files...]", "files of the suite, in the format in which it is published")
    .addOption(
      new Option("--scorer <name>", "what judges the responses")
        .choices(Object.keys(SCORERS))
        .default("length"),
    )
    .option("--data <folder>", "where the suite's files lie under their usual names")
    .option("--limit <n>", "only the first n items", wholeNumber(1))
    .option(
      "--training <file>",
      "preference pairs that the scorer learnt from, to find shared prompts; may be repeated",
      collected,
    )
    .addOption(
      new Option("--bad-rows <rule>", "stop at a row that cannot be read, or leave it out")
        .choices(["strict", "skip"])
        .default("strict"),
    )
    .option("--seed <n>", "of intervals and of the random scorer", wholeNumber(0), 0)
    .action((suite: string, files: readonly string[], options: BenchOptions) =>
      bench(suite, files, options, terminal),
    );
}

async function bench(
  name: string,
  named: readonly string[],
  options: BenchOptions,
  terminal: Terminal,
): Promise<void> {
  const { cwd } = terminal;
  const { seed, badRows, data } = options;
  const output = reportOutput(options, terminal);
  const { suite, files } = openSuite(name, named, { cwd, ...(data !== undefined && { data }) });
  const { items: all, leftOut } = await readSuite(suite, files, badRows);
  const items = all.slice(0, options.limit);
  const training = (options.training ?? []).map((file) => resolve(cwd, file));
  const overlap =
    training.length === 0
      ? null
      : findOverlap(
          (await readPreferencePairs(training, "skip")).pairs,
          items.flatMap((item) => itemPairs(item).slice(0, 1)),
        );
  const scorer = SCORERS[options.scorer]!(seed);
  const progress = options.json ? SILENT_PROGRESS : progressOn(terminal.stderr);
  const start = performance.now();
  const judged = await judgeItems(items, scorer, {
    onProgress: (done, total) => progress.update({ phase: "judging", done, total }),
  });
  const seconds = (performance.now() - start) / 1000;
  progress.end();
  const result = benchResult(suite, judged, { scorer: scorer.id, files, leftOut, overlap, seed, seconds });
  output.write(result, benchReport(suite, result));
}
