import { type Command, Option } from "commander";
import { type BenchScorer, LONGER, randomScorer, SHORTER } from "../../bench/bench-scorer.ts";
import { ConfigError } from "../../errors.ts";
import { wholeNumber } from "../command.ts";
import { type JudgeOptions, withJudgeOptions, withSamplingOptions } from "../judging/judging-options.ts";
import { withLanguageModelOptions } from "../language-model-options.ts";
import { type ModelOptions, withModelOptions } from "../model-source.ts";

/** Where rubrics come from that nobody wrote beforehand. */
export const RUBRIC_WRITERS = ["predefined", "arm", "rtd-initial"] as const;

/** What a user may say of the scorer that a bench or a study asks. */
export interface ScorerOptions extends JudgeOptions, ModelOptions {
  readonly scorer?: string;
  readonly rubricWriter?: (typeof RUBRIC_WRITERS)[number];
  readonly writerModel?: string;
  readonly scorerName?: string;
  readonly fresh?: boolean;
  readonly out?: string;
}

/** Scorers that need no model. */
export const PLAIN_SCORERS: Readonly<Record<string, (seed: number) => BenchScorer>> = {
  length: () => LONGER,
  shorter: () => SHORTER,
  random: randomScorer,
};

/** Adds the options of every kind of scorer: by rule, trained here, or a language model with a rubric. */
export function withScorerOptions(command: Command): Command {
  command.addOption(
    new Option(
      "--scorer <name>",
      "a scorer without a model (default, where no model is named: length)",
    ).choices(Object.keys(PLAIN_SCORERS)),
  );
  return withLanguageModelOptions(withSamplingOptions(withJudgeOptions(withModelOptions(command))))
    .addOption(
      new Option(
        "--rubric-writer <method>",
        "rubrics of --model: four generic criteria for all, or written from the prompt alone",
      ).choices(RUBRIC_WRITERS),
    )
    .option("--writer-model <spec>", "writes the rubrics (default: --model)")
    .option("--scorer-name <text>", "name of the scorer in results (default: made of its parts)")
    .option("--fresh", "judge anew what an earlier start of this job has judged (of --run and --recipe)")
    .option("--seed <n>", "of intervals, draws and the judge's sampling", wholeNumber(0), 0);
}

/** Which kind of scorer the options name. @throws ConfigError where they name several, or options that do not fit it. */
export function scorerKind(options: ScorerOptions): "plain" | "trained" | "language-model" {
  const named = [
    ...(options.scorer === undefined ? [] : ["--scorer"]),
    ...(options.run === undefined ? [] : ["--run"]),
    ...(options.recipe === undefined ? [] : ["--recipe"]),
    ...((options.model ?? []).length === 0 ? [] : ["--model"]),
  ];
  if (named.length > 1)
    throw new ConfigError(`which scorer? ${named.join(" and ")} name one each; give one of them`);
  const kind =
    named[0] === "--model"
      ? "language-model"
      : named[0] === "--scorer" || named.length === 0
        ? "plain"
        : "trained";
  if (kind !== "language-model")
    refuse(options, ONLY_LANGUAGE_MODELS, "is for language models; give --model");
  if (kind === "plain" && options.votes > 1)
    throw new ConfigError("--votes is for judges that are sampled; give --model, --run or --recipe");
  return kind;
}

const ONLY_LANGUAGE_MODELS = [
  ...(["mode", "criteriaPerCall", "aggregate", "minCoverage", "rubrics", "rubric", "panel"] as const),
  ...(["maxTokens", "furtherTries", "dryRun", "rubricWriter", "writerModel"] as const),
];

/** Options that only mean something where single responses are judged. */
const ONLY_RESPONSES = ["criteriaPerCall", "aggregate", "minCoverage", "panel"] as const;

/** @throws ConfigError naming an option that has no meaning in the mode. */
export function refuseMisplaced(options: ScorerOptions): void {
  if (options.mode === "pairwise") {
    refuse(options, ONLY_RESPONSES, "has no meaning in mode pairwise; leave it out");
    if ((options.model ?? []).length > 1)
      throw new ConfigError("mode pairwise takes one --model; raise --votes for more judgements");
    return;
  }
  if (options.votes > 1)
    throw new ConfigError("--votes is for pairs; give --mode pairwise, or several --model as a panel");
  if (options.order !== "both") throw new ConfigError("--order is for pairs; give --mode pairwise");
  if (options.mode === "reference-likert")
    throw new ConfigError("mode reference-likert needs references, which benches do not have; use likert");
}

function refuse(options: ScorerOptions, names: readonly (keyof ScorerOptions)[], why: string): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new ConfigError(`--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${why}`);
}
