import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { DataError } from "../../errors.ts";
import { judgePairsByLanguageModel } from "../../judge/pairwise-language-judge.ts";
import { PREDEFINED_RUBRIC } from "../../judge/predefined-rubric.ts";
import type { ResponseRow } from "../../policy-bench/answer-source.ts";
import { type AnsweredTwice, policyWinRate, winRatePairs } from "../../policy-bench/win-rate.ts";
import { winRateReport } from "../../policy-bench/win-rate-report.ts";
import { writeArmText } from "../../rubric/arm-text.ts";
import { type CommandContext, numberBetween, wholeNumber } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { evaluatingSession } from "../evaluating/evaluating-session.ts";
import { responseFile } from "../evaluating/response-file.ts";
import { readInputRows } from "../generation/input-rows.ts";
import { type LanguageModelOptions, withCallOptions } from "../language-model-options.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";

interface WinRateOptions extends ReportOptions, LanguageModelOptions {
  readonly judge: string;
  readonly rubrics?: string;
  readonly responseField?: string;
  readonly votes: number;
  readonly temperature: number;
  readonly maxTokens?: number;
  readonly limit?: number;
  readonly seed: number;
}

export function define(command: Command, context: CommandContext): void {
  const example = "armature evaluate win-rate mine.jsonl base.jsonl --judge judge.yaml --out win-rate";
  withCallOptions(withReportOptions(command, example))
    .argument("<first>", "responses of the first policy: rows of prompt and response")
    .argument("<second>", "responses of the second one to the same prompts")
    .requiredOption("--judge <spec>", "model that judges each pair, in both orders")
    .option("--rubrics <file>", "rubrics of the prompts (default: four general criteria)")
    .option("--response-field <field>", "field that holds the response")
    .option("--votes <n>", "judgements of each pair and order", wholeNumber(1), 1)
    .option("--temperature <t>", "of the judge", numberBetween(0, Number.POSITIVE_INFINITY), 0)
    .option("--max-tokens <n>", "longest judgement (default: 1024)", wholeNumber(1))
    .option("--limit <n>", "only the first n prompts", wholeNumber(1))
    .option("--seed <n>", "of the judge's sampling and of intervals", wholeNumber(0), 0)
    .action((first: string, second: string, options: WinRateOptions) =>
      winRate(first, second, options, context),
    );
}

async function winRate(
  firstFile: string,
  secondFile: string,
  options: WinRateOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const { cwd } = terminal;
  const { votes, temperature, maxTokens, seed, limit, out, responseField } = options;
  const output = reportOutput(options, terminal);
  const prompts = await readInputRows(resolve(cwd, firstFile), { badRows: "strict" });
  const [first, second] = await Promise.all(
    [firstFile, secondFile].map((file) => responseFile(resolve(cwd, file), responseField)),
  );
  const answered = joined(prompts.rows, first!, second!).slice(0, limit);
  if (answered.length === 0)
    throw new DataError(
      `${firstFile} and ${secondFile}: have no prompt in common with a response in both; give answers to the same prompts`,
    );
  const rubrics = await rubricsOf(answered, options.rubrics, cwd);
  const pairs = winRatePairs(answered);
  const folder = out === undefined ? null : resolve(cwd, out);
  if (folder !== null) mkdirSync(folder, { recursive: true });
  const judged = await evaluatingSession(
    {
      specs: [options.judge],
      total: 2 * pairs.length,
      log: folder === null ? null : join(folder, "calls.jsonl"),
    },
    options,
    context,
    async ({ models: [model], signal, concurrency, done }) => ({
      judge: model!.id,
      outcomes:
        pairs.length === 0
          ? []
          : await judgePairsByLanguageModel({
              ...{ model: model!, pairs, rubrics, orders: "both", votes, temperature, seed },
              ...{ signal, concurrency, ...(maxTokens !== undefined && { maxTokens }) },
              onOutcome: ({ verdict }) => done(verdict.status === "failed"),
            }),
    }),
  );
  if (judged === null) return;
  const names = { first: nameOf(first!, firstFile), second: nameOf(second!, secondFile) };
  const result = policyWinRate(answered, judged.outcomes, { ...names, judge: judged.judge, seed });
  output.write(result, winRateReport(result));
  if (result.judged === 0) context.exitCode = EXIT.failed;
}

/** Prompts of the first file that both answered, with the first response of each. */
function joined(
  prompts: Awaited<ReturnType<typeof readInputRows>>["rows"],
  first: readonly ResponseRow[],
  second: readonly ResponseRow[],
): readonly AnsweredTwice[] {
  const textOf = (rows: readonly ResponseRow[]) =>
    new Map(rows.flatMap(({ promptId, responses: [one] }) => (one ? [[promptId, one.text] as const] : [])));
  const [own, other] = [textOf(first), textOf(second)];
  const seen = new Set<string>();
  return prompts.flatMap(({ prompt }) => {
    const [a, b] = [own.get(prompt.id), other.get(prompt.id)];
    if (a === undefined || b === undefined || seen.has(prompt.id)) return [];
    seen.add(prompt.id);
    return [{ prompt, first: a, second: b }];
  });
}

/** The model that wrote a file's responses, or the file where it is not said or there are several. */
function nameOf(rows: readonly ResponseRow[], file: string): string {
  const models = new Set(rows.flatMap(({ responses }) => responses.flatMap(({ model }) => model ?? [])));
  return models.size === 1 ? [...models][0]! : file;
}

/** Rubric texts by prompt id. @throws DataError where a file lacks one of the prompts. */
async function rubricsOf(
  answered: readonly AnsweredTwice[],
  file: string | undefined,
  cwd: string,
): Promise<ReadonlyMap<string, string>> {
  const textOf = (
    criteria: readonly { readonly text: string; readonly kind?: "hard-rule" | "principle" }[],
  ) => writeArmText({ criteria: criteria.map(({ text, kind = "principle" }) => ({ text, kind })) });
  if (file === undefined) {
    const general = textOf(PREDEFINED_RUBRIC.criteria);
    return new Map(answered.map(({ prompt }) => [prompt.id, general]));
  }
  const { rows } = await readInputRows(resolve(cwd, file), { badRows: "strict" });
  const rubrics = new Map(
    rows.flatMap(({ prompt, rubric }) =>
      rubric === null ? [] : [[prompt.id, textOf(rubric.criteria)] as const],
    ),
  );
  const missing = answered.filter(({ prompt }) => !rubrics.has(prompt.id));
  if (missing.length === 0) return rubrics;
  throw new DataError(
    `${file}: has no rubric for ${missing.length} of ${answered.length} prompts, the first ${missing[0]!.prompt.id}`,
  );
}
