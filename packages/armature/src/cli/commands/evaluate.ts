import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { type Command, Option } from "commander";
import type { BadRows } from "../../data/preference-pairs.ts";
import { writeRows } from "../../data/write-rows.ts";
import { ConfigError } from "../../errors.ts";
import type { LanguageModel } from "../../llm/language-model.ts";
import {
  type AnswerSource,
  askedPolicy,
  filedResponses,
  givenResponses,
} from "../../policy-bench/answer-source.ts";
import { gradePolicy } from "../../policy-bench/grade-policy.ts";
import { policyReport } from "../../policy-bench/policy-report.ts";
import { policyResult } from "../../policy-bench/policy-result.ts";
import type { PolicySuite, PolicyTask } from "../../policy-bench/policy-suite.ts";
import { openPolicySuite, POLICY_SUITES } from "../../policy-bench/policy-suites.ts";
import { readPolicyTasks } from "../../policy-bench/read-tasks.ts";
import { type CommandContext, collected, numberBetween, wholeNumber } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { evaluatingSession } from "../evaluating/evaluating-session.ts";
import { responseFile } from "../evaluating/response-file.ts";
import { type LanguageModelOptions, withCallOptions } from "../language-model-options.ts";
import { type ReportOptions, reportOutput, withReportOptions } from "../report-output.ts";
import { rowOutput } from "../row-output.ts";

interface EvaluateOptions extends ReportOptions, LanguageModelOptions {
  readonly data?: string;
  readonly policy?: string;
  readonly responses?: string;
  readonly responseField?: string;
  readonly given?: string | true;
  readonly judge?: string;
  readonly runs: number;
  readonly temperature: number;
  readonly maxTokens?: number;
  readonly system?: string;
  readonly limit?: number;
  readonly subset?: readonly string[];
  readonly writePrompts?: string;
  readonly badRows: BadRows;
  readonly seed: number;
}

export function define(command: Command, context: CommandContext): void {
  const example =
    "armature evaluate ifeval --data ../shared/data --policy http://127.0.0.1:8000/v1#my-model --out evaluation";
  withCallOptions(withReportOptions(command, example))
    .argument("<suite>", [...POLICY_SUITES.keys()].join(", "))
    .argument("[files...]", "files of the suite, in the format in which it is published")
    .option("--data <folder>", "where the suite's files lie under their usual names")
    .option(
      "--policy <spec>",
      "ask a model: a URL (#name), GGUF file, model folder, model file or answer log",
    )
    .option("--responses <file>", "take responses from rows of prompt and response")
    .option("--response-field <field>", "field of --responses that holds the response")
    .option("--given [model]", "take a model's responses that the suite's own files hold")
    .option("--judge <spec>", "model that judges, for suites that are not graded by program")
    .option("--runs <n>", "times that each question is asked", wholeNumber(1), 1)
    .option("--temperature <t>", "of --policy", numberBetween(0, Number.POSITIVE_INFINITY), 0)
    .option("--max-tokens <n>", "longest response of --policy (default: 2048)", wholeNumber(1))
    .option("--system <text>", "system message for --policy")
    .option("--limit <n>", "only the first n questions", wholeNumber(1))
    .option("--subset <name>", "only questions of this kind; may be repeated", collected)
    .option("--write-prompts <file>", "write the prompts for sampling elsewhere, and evaluate nothing")
    .addOption(
      new Option("--bad-rows <rule>", "stop at a row that cannot be read, or leave it out")
        .choices(["strict", "skip"])
        .default("strict"),
    )
    .option("--seed <n>", "of options, sampling and intervals", wholeNumber(0), 0)
    .action((suite: string, files: readonly string[], options: EvaluateOptions) =>
      evaluate(suite, files, options, context),
    );
}

async function evaluate(
  name: string,
  named: readonly string[],
  options: EvaluateOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const { cwd } = terminal;
  const { seed, runs, badRows, limit, subset, data, out, writePrompts } = options;
  const output = reportOutput(options, terminal);
  const prompts = writePrompts === undefined ? null : rowOutput(writePrompts, terminal);
  const { suite, files } = openPolicySuite(name, named, { cwd, data });
  if (prompts === null) checkOptions(suite, options);
  const { tasks, skipped } = await readPolicyTasks(suite, files, {
    ...{ seed, runs, badRows, limit },
    ...(subset !== undefined && { subsets: subset }),
  });
  if (prompts !== null)
    return prompts.write(tasks.map(({ id, prompt }) => ({ id, prompt: prompt.messages })));
  const specs = [options.policy, options.judge].flatMap((spec) => spec ?? []);
  const folder = out === undefined ? null : resolve(cwd, out);
  if (folder !== null) mkdirSync(folder, { recursive: true });
  const start = performance.now();
  const evaluated = await evaluatingSession(
    { specs, total: tasks.length, log: folder === null ? null : join(folder, "calls.jsonl") },
    options,
    context,
    async ({ models, signal, concurrency, done }) => {
      const source = await sourceOf(suite, tasks, options, models, cwd);
      const judge = options.judge === undefined ? null : suite.judge!(models.at(-1)!);
      const graded = await gradePolicy(tasks, source, judge, {
        ...{ concurrency, signal },
        onGraded: ({ answer }) => done(answer.status === "failed"),
      });
      return { graded, policy: source.policy, judge: judge?.id ?? null };
    },
  );
  if (evaluated === null) return;
  const { graded, policy, judge } = evaluated;
  const seconds = (performance.now() - start) / 1000;
  const facts = { policy, judge, files, seed, runs, skipped: skipped.length, seconds };
  const result = policyResult(suite, graded, facts);
  if (folder !== null) await writeRows(join(folder, "responses.jsonl"), graded.flatMap(responseRow));
  output.write(result, policyReport(suite, result));
  if (result.responses.graded === 0) context.exitCode = EXIT.failed;
}

/** @throws ConfigError where it is open which responses are meant, or an option would do nothing. */
function checkOptions(suite: PolicySuite, options: EvaluateOptions): void {
  const sources = (["policy", "responses", "given"] as const).filter((name) => options[name] !== undefined);
  if (sources.length !== 1)
    throw new ConfigError(
      `whose responses? give one of --policy <spec>, --responses <file> and --given <model>${sources.length === 0 ? "" : `, not ${sources.map((name) => `--${name}`).join(" and ")}`}`,
    );
  if (options.judge !== undefined && suite.judge === undefined)
    throw new ConfigError(`${suite.name} is graded by program; leave --judge out`);
  if (options.judge === undefined && suite.judge !== undefined && options.given === undefined)
    throw new ConfigError(`${suite.name} needs a judge; give --judge <spec>`);
  if (options.policy === undefined || options.runs === 1) return;
  if (options.temperature === 0 && !suite.runsDiffer)
    throw new ConfigError(`${options.runs} greedy runs of ${suite.name} are the same; give --temperature`);
}

async function sourceOf(
  suite: PolicySuite,
  tasks: readonly PolicyTask[],
  { given, responses, responseField, temperature, maxTokens, system, seed }: EvaluateOptions,
  models: readonly LanguageModel[],
  cwd: string,
): Promise<AnswerSource> {
  if (given !== undefined) return givenResponses(tasks, given === true ? null : given);
  if (responses !== undefined)
    return filedResponses(
      suite,
      tasks,
      await responseFile(resolve(cwd, responses), responseField),
      responses,
    );
  return askedPolicy(models[0]!, { temperature, maxTokens: maxTokens ?? suite.maxTokens, system, seed });
}

/** What was answered, in rows that `--responses` reads again. */
function responseRow({ task, answer, grade }: Awaited<ReturnType<typeof gradePolicy>>[number]): object[] {
  if (answer.status !== "answered") return [];
  const { text, model } = answer.response;
  return [
    {
      id: task.id,
      prompt: task.prompt.messages,
      response: text,
      ...(model !== undefined && { model }),
      ...(grade !== null && { note: grade.note }),
    },
  ];
}
