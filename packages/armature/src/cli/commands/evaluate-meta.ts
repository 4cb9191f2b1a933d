import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import type { BadRows } from "../../data/preference-pairs.ts";
import { readRowLines } from "../../data/read-rows.ts";
import { RowFault } from "../../data/row-fields.ts";
import { DataError } from "../../errors.ts";
import { judgeOfMode } from "../../judge/judge-modes.ts";
import { mapConcurrently } from "../../llm/map-concurrently.ts";
import { type MetaItem, metaEvaluation, readMetaItem } from "../../policy-bench/meta-evaluation.ts";
import { metaReport } from "../../policy-bench/meta-report.ts";
import { type CommandContext, wholeNumber } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { evaluatingSession } from "../evaluating/evaluating-session.ts";
import { type LanguageModelOptions, withCallOptions } from "../language-model-options.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";

interface MetaOptions extends ReportOptions, LanguageModelOptions {
  readonly judge: string;
  readonly limit?: number;
  readonly badRows: BadRows;
  readonly seed: number;
}

export function define(command: Command, context: CommandContext): void {
  const example = "armature evaluate meta meta_eval.jsonl --judge judge.yaml --out agreement";
  withCallOptions(withReportOptions(command, example))
    .argument("<file>", "HealthBench's meta-evaluation: prompt, completion, rubric, category, binary_labels")
    .requiredOption("--judge <spec>", "model that judges each criterion")
    .option("--limit <n>", "only the first n rows", wholeNumber(1))
    .addOption(
      new Option("--bad-rows <rule>", "stop at a row that cannot be read, or leave it out")
        .choices(["strict", "skip"])
        .default("strict"),
    )
    .option("--seed <n>", "of the interval", wholeNumber(0), 0)
    .action((file: string, options: MetaOptions) => meta(file, options, context));
}

async function meta(file: string, options: MetaOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const { out, seed } = options;
  const output = reportOutput(options, terminal);
  const { items, skipped } = await metaItems(resolve(terminal.cwd, file), options);
  const folder = out === undefined ? null : resolve(terminal.cwd, out);
  if (folder !== null) mkdirSync(folder, { recursive: true });
  const log = folder === null ? null : join(folder, "calls.jsonl");
  const evaluated = await evaluatingSession(
    { specs: [options.judge], total: items.length, log },
    options,
    context,
    async ({ models: [model], signal, concurrency, done }) => {
      const judge = judgeOfMode({ mode: "healthbench", model: model! });
      const judged = await mapConcurrently(
        items,
        async (item, _, own) => {
          const criterion = { id: "c1", text: item.criterion, weight: 1, polarity: "good" as const };
          const task = { prompt: item.prompt, response: item.response, rubric: { criteria: [criterion] } };
          const { verdicts } = await judge.judge(task, { signal: own });
          return { item, verdict: verdicts[0]! };
        },
        { concurrency, signal, onResult: ({ verdict }) => done(verdict.status === "failed") },
      );
      return metaEvaluation(judged, { judge: judge.id, skipped, seed });
    },
  );
  if (evaluated === null) return;
  output.write(evaluated, metaReport(evaluated));
  if (evaluated.overall.items === 0) context.exitCode = EXIT.failed;
}

async function metaItems(
  file: string,
  { badRows, limit = Number.POSITIVE_INFINITY }: MetaOptions,
): Promise<{ readonly items: readonly MetaItem[]; readonly skipped: number }> {
  const items: MetaItem[] = [];
  let skipped = 0;
  for await (const line of readRowLines(file)) {
    if (items.length >= limit) break;
    try {
      if (!line.ok) throw new RowFault("not-json", "the line", line.fault);
      items.push(readMetaItem(line));
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      if (badRows === "strict") throw new DataError(`${file}:${line.line}: ${error.message}`);
      skipped++;
    }
  }
  if (items.length === 0) throw new DataError(`${file}: holds no row that can be judged`);
  return { items, skipped };
}
