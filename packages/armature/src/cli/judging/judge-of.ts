import { ConfigError } from "../../errors.ts";
import { type JudgeMode, judgeOfMode } from "../../judge/judge-modes.ts";
import { panelJudge } from "../../judge/panel-judge.ts";
import type { RubricJudge } from "../../judge/rubric-judge.ts";
import type { LanguageModel } from "../../llm/language-model.ts";
import type { JudgeOptions } from "./judging-options.ts";

/** The judge of a mode that the options describe; of several models a panel. @throws ConfigError for options that do not fit. */
export function judgeOf(
  mode: JudgeMode,
  models: readonly LanguageModel[],
  options: JudgeOptions,
): RubricJudge {
  const { criteriaPerCall, temperature, maxTokens, furtherTries, seed, panel } = options;
  const judges = models.map((model) =>
    judgeOfMode({
      mode,
      model,
      ...(criteriaPerCall !== undefined && { criteriaPerCall }),
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(furtherTries !== undefined && { furtherTries }),
      ...(temperature !== undefined && temperature > 0 && { seed }),
    }),
  );
  if (judges.length === 1 && panel !== undefined)
    throw new ConfigError("--panel takes several judges; give --model more than once");
  return judges.length === 1 ? judges[0]! : panelJudge(judges, panel ?? "vote");
}
