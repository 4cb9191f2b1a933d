import { ConfigError } from "../errors.ts";
import type { LanguageModel } from "../llm/language-model.ts";
import type { AggregatorName, RatingRewardName } from "../reward/aggregators.ts";
import { arrowProtocol } from "./arrow-protocol.ts";
import { chasingTheTailProtocol } from "./chasing-the-tail-protocol.ts";
import { type AskingSettings, criterionJudge } from "./criterion-judge.ts";
import type { CriterionProtocol } from "./criterion-protocol.ts";
import { decisionJudge } from "./decision-judge.ts";
import { firstTokenDecisions } from "./decision-model.ts";
import { healthBenchProtocol } from "./healthbench-protocol.ts";
import { plainProtocol } from "./plain-protocol.ts";
import { ratingJudge } from "./rating-judge.ts";
import type { RubricJudge } from "./rubric-judge.ts";

/** Ways of reading one response against a rubric, by the names that the command line knows. */
export const JUDGE_MODES = [
  "criteria",
  "predefined",
  "implicit",
  "likert",
  "reference-likert",
  "healthbench",
  "chasing-the-tail",
  "chasing-the-tail-strict",
  "arrow",
  "decision",
] as const;

/** One of `JUDGE_MODES`. */
export type JudgeMode = (typeof JUDGE_MODES)[number];

/** The number that a mode's judgement becomes where the user names no other. */
export const MODE_AGGREGATIONS: Readonly<Record<JudgeMode, AggregatorName | RatingRewardName>> = {
  criteria: "clamped",
  predefined: "mean",
  implicit: "rating-range",
  likert: "rating-range",
  "reference-likert": "rating-range",
  healthbench: "healthbench",
  "chasing-the-tail": "chasing-the-tail",
  "chasing-the-tail-strict": "chasing-the-tail",
  arrow: "arrow",
  decision: "clamped",
};

/** True for the modes that rate the response as a whole. */
export function isRatingMode(mode: JudgeMode): mode is "implicit" | "likert" | "reference-likert" {
  return mode === "implicit" || mode === "likert" || mode === "reference-likert";
}

/** What a mode is made of. */
export interface JudgeModeSettings extends AskingSettings {
  readonly mode: JudgeMode;
  readonly model: LanguageModel;
  /** In `criteria` and `predefined`, default 1; `Infinity` puts all into one call. */
  readonly criteriaPerCall?: number;
}

/**
 * The judge of a mode. `predefined` judges whatever rubric it is given as `criteria` does: give it `PREDEFINED_RUBRIC`.
 * Throws `ConfigError` for settings that the mode has no use for.
 */
export function judgeOfMode({ mode, model, criteriaPerCall, ...asking }: JudgeModeSettings): RubricJudge {
  const perCall = mode === "criteria" || mode === "predefined";
  if (criteriaPerCall !== undefined && !perCall)
    throw new ConfigError(
      `criteria per call have no meaning in mode ${mode}; leave them out or use criteria`,
    );
  const by = (protocol: CriterionProtocol) => criterionJudge({ model, protocol, ...asking });
  switch (mode) {
    case "criteria":
    case "predefined":
      return by(plainProtocol(criteriaPerCall ?? 1));
    case "implicit":
    case "likert":
    case "reference-likert":
      return ratingJudge({ model, mode, ...asking });
    case "healthbench":
      return by(healthBenchProtocol());
    case "chasing-the-tail":
      return by(chasingTheTailProtocol({ missingIsNo: true }));
    case "chasing-the-tail-strict":
      return by(chasingTheTailProtocol({ missingIsNo: false }));
    case "arrow":
      return by(arrowProtocol());
    case "decision":
      return decisionJudge({ model: firstTokenDecisions(model) });
  }
}
