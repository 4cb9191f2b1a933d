import { type Command, Option } from "commander";
import { nearestWord } from "../../config/nearest-word.ts";
import { ConfigError } from "../../errors.ts";
import { isRatingMode, JUDGE_MODES, type JudgeMode, MODE_AGGREGATIONS } from "../../judge/judge-modes.ts";
import type { Aggregator } from "../../reward/aggregate.ts";
import {
  AGGREGATORS,
  type AggregatorName,
  RATING_REWARDS,
  type RatingRewardName,
  withMinimumCoverage,
} from "../../reward/aggregators.ts";
import type { RatingReward } from "../../reward/rating-reward.ts";
import { type CommonOptions, numberBetween, wholeNumber } from "../command.ts";
import type { LanguageModelOptions } from "../language-model-options.ts";

/** What a user may say of the judge itself: `withJudgeOptions`, `withSamplingOptions` and a rubric for all. */
export interface JudgeOptions extends CommonOptions, LanguageModelOptions {
  readonly mode?: JudgeMode | "pairwise";
  readonly criteriaPerCall?: number;
  readonly aggregate?: string;
  readonly minCoverage?: number;
  readonly rubrics?: string;
  readonly rubric?: string;
  readonly panel?: "vote" | "mean";
  readonly maxTokens?: number;
  readonly furtherTries?: number;
  readonly dryRun?: boolean;
  readonly order: "given" | "swapped" | "mixed" | "both";
  readonly votes: number;
  readonly temperature?: number;
  readonly seed: number;
}

/** What a user may say of judging rows by language models. */
export interface JudgingOptions extends JudgeOptions {
  readonly responseField?: string;
  readonly referenceField?: string;
  readonly rejudge?: string;
  readonly badRows: "strict" | "skip";
  readonly out?: string;
}

/** Options that only mean something with --model. */
const ONLY_WITH_MODEL = [
  "mode",
  "criteriaPerCall",
  "aggregate",
  "minCoverage",
  "rubrics",
  "responseField",
  "referenceField",
  "panel",
  "maxTokens",
  "furtherTries",
  "rejudge",
  "dryRun",
] as const satisfies readonly (keyof JudgingOptions)[];

/** Adds the options of judging rows by language models. */
export function withJudgingOptions(command: Command): Command {
  return withJudgeOptions(command)
    .option("--response-field <field>", "field that holds the response")
    .option("--reference-field <field>", "field that holds an answer known to be good")
    .option("--rejudge <file>", "an earlier output: print what changed against it, criterion by criterion");
}

/** Adds the options that say how `--model` judges. */
export function withJudgeOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--mode <mode>", "how --model judges (default: criteria)").choices([
        ...JUDGE_MODES,
        "pairwise",
      ]),
    )
    .option("--criteria-per-call <n>", "criteria put into one call, or all (default: 1)", criteriaCount)
    .option(
      "--aggregate <name>",
      "verdicts to a score; docs/judging.md lists the names (default: the mode's)",
    )
    .option(
      "--min-coverage <share>",
      "no score where less of the rubric's weight was judged",
      numberBetween(0, 1),
    )
    .option("--rubrics <file>", "rubrics in any format, joined to the rows by their prompts")
    .addOption(
      new Option("--panel <rule>", "how several --model come to one verdict (default: vote)").choices([
        "vote",
        "mean",
      ]),
    )
    .option("--max-tokens <n>", "longest reply of the judge", wholeNumber(1))
    .option(
      "--further-tries <n>",
      "further tries for what could not be read (default: the mode's)",
      wholeNumber(0),
    )
    .option("--dry-run", "count calls and estimate tokens, and stop");
}

/** Adds the options of judgements that are sampled, and of the order in which pairs are shown. */
export function withSamplingOptions(command: Command): Command {
  return command
    .option("--rubric <file>", "judge all rows by the rubric in this text file")
    .addOption(
      new Option("--order <order>", "how the two responses of a pair are shown")
        .choices(["given", "swapped", "mixed", "both"])
        .default("both"),
    )
    .option("--votes <n>", "judgements per pair and order; their majority decides", wholeNumber(1), 1)
    .option(
      "--temperature <t>",
      "of the judge (default: 0, or 1 with several votes)",
      numberBetween(0, Number.POSITIVE_INFINITY),
    );
}

function criteriaCount(text: string): number {
  return text === "all" ? Number.POSITIVE_INFINITY : wholeNumber(1)(text);
}

/** @throws ConfigError naming an option that has no meaning without --model. */
export function refuseJudgingOptions(options: JudgingOptions): void {
  const given = ONLY_WITH_MODEL.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  const name = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new ConfigError(`--${name} is for language models; give --model, or leave it out`);
}

/** How judgements become scores. */
export interface Scoring {
  readonly name: string;
  readonly aggregate: Aggregator;
  readonly ratingReward: RatingReward;
}

/** @throws ConfigError for an aggregation that is not known or does not fit the mode. */
export function scoringOf(mode: JudgeMode, { aggregate, minCoverage = 0 }: JudgeOptions): Scoring {
  const name = aggregate ?? MODE_AGGREGATIONS[mode];
  const known: readonly string[] = Object.keys(isRatingMode(mode) ? RATING_REWARDS : AGGREGATORS);
  if (!known.includes(name)) {
    const near = nearestWord(name, known);
    const mend = near === null ? `known for mode ${mode} are ${known.join(", ")}` : `did you mean ${near}?`;
    throw new ConfigError(`--aggregate ${name}: no such aggregation of mode ${mode}; ${mend}`);
  }
  return {
    name,
    aggregate: withMinimumCoverage(AGGREGATORS[name as AggregatorName] ?? AGGREGATORS.mean, minCoverage),
    ratingReward: RATING_REWARDS[name as RatingRewardName] ?? RATING_REWARDS["rating-range"],
  };
}
