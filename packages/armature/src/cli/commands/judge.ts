import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { readPreferencePairs } from "../../data/preference-pairs.ts";
import type { PreferencePair } from "../../data/prompt.ts";
import type { PairOutcome } from "../../judge/outcome.ts";
import { judgePairs, type PairwiseJudging } from "../../judge/pairwise-judge.ts";
import { toJson } from "../../run/json-lines.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import { numberText } from "../../run/report-number.ts";
import {
  type CommandContext,
  type CommonOptions,
  numberBetween,
  wholeNumber,
  withCommonOptions,
} from "../command.ts";
import { type ModelOptions, modelSource, withModelOptions } from "../model-source.ts";
import { rowOutput } from "../row-output.ts";

interface JudgeOptions extends CommonOptions, ModelOptions {
  readonly rubric?: string;
  readonly order: PairwiseJudging["orders"];
  readonly votes: number;
  readonly temperature?: number;
  readonly seed: number;
  readonly badRows: "strict" | "skip";
  readonly out?: string;
}

export function define(command: Command, context: CommandContext): void {
  withModelOptions(
    withCommonOptions(command, "armature judge pairs.jsonl --run runs/quickstart --out verdicts.jsonl"),
  )
    .argument("<pairs>", "preference pairs, JSONL or JSONL.gz")
    .option("--rubric <file>", "judge all pairs by the rubric in this text file in place of the generator's")
    .addOption(
      new Option("--order <order>", "how the two responses are shown")
        .choices(["given", "swapped", "mixed", "both"])
        .default("both"),
    )
    .option("--votes <n>", "judgements per pair and order; their majority decides", wholeNumber(1), 1)
    .option(
      "--temperature <t>",
      "of the judge (default: 0, or 1 with several votes)",
      numberBetween(0, Number.POSITIVE_INFINITY),
    )
    .option("--seed <n>", "of the judge's sampling and of mixed order", wholeNumber(0), 0)
    .addOption(
      new Option("--bad-rows <rule>", "stop at a row that cannot be read, or leave it out")
        .choices(["strict", "skip"])
        .default("strict"),
    )
    .option("--out <file>", "write the verdicts to a JSONL file in place of stdout")
    .action((pairs: string, options: JudgeOptions) => judge(pairs, options, context));
}

async function judge(
  file: string,
  options: JudgeOptions,
  { terminal, operations }: CommandContext,
): Promise<void> {
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
    else if (!options.json) terminal.stderr.write(`${summary(countOutcomes(outcomes))}\n`);
  } finally {
    progress.end();
    await models.close();
  }
}

function sameRubric(pairs: readonly PreferencePair[], file: string): ReadonlyMap<string, string> {
  const text = readFileSync(file, "utf8").trim();
  return new Map(pairs.map((pair) => [pair.prompt.id, text]));
}

/** One line of the verdict file. `winner` is null where nothing was decided; `status` and `detail` say why. */
function verdictRow(outcome: PairOutcome, pairs: readonly PreferencePair[]): object {
  const { verdict, votes, pairIndex, pairId, order, rubric, rubricFault } = outcome;
  return {
    pair: pairId,
    line: pairs[pairIndex]!.source?.line ?? null,
    order,
    ...verdict,
    winner: verdict.status === "scored" ? verdict.winner : null,
    rubric,
    ...(rubricFault !== null && { rubricFault }),
    judgements: votes.map(({ text, judgement }) => ({
      text,
      winner: judgement.winner,
      formatOk: judgement.formatOk,
    })),
  };
}

interface OutcomeCounts {
  readonly judgements: number;
  readonly chosen: number;
  readonly rejected: number;
  readonly abstained: number;
  readonly failed: number;
}

function countOutcomes(outcomes: readonly PairOutcome[]): OutcomeCounts {
  const count = (holds: (outcome: PairOutcome) => boolean) => outcomes.filter(holds).length;
  const won = (winner: string) =>
    count(({ verdict }) => verdict.status === "scored" && verdict.winner === winner);
  return {
    judgements: outcomes.length,
    chosen: won("chosen"),
    rejected: won("rejected"),
    abstained: count(({ verdict }) => verdict.status === "abstained"),
    failed: count(({ verdict }) => verdict.status === "failed"),
  };
}

function summary({ judgements, chosen, rejected, abstained, failed }: OutcomeCounts): string {
  const share = (value: number) => numberText(value / judgements, "percent");
  return `${judgements} judgements: chosen wins ${share(chosen)}, rejected wins ${share(rejected)}, abstained ${share(abstained)}, failed ${share(failed)}`;
}
