import type { Prompt } from "../data/prompt.ts";
import type { CallOptions, Usage } from "../llm/language-model.ts";
import type { Rubric } from "../rubric/rubric.ts";
import type { CriterionVerdict, RatingVerdict } from "./criterion-verdict.ts";

/** A response to be read against a rubric. */
export interface JudgeTask {
  readonly prompt: Prompt;
  readonly response: string;
  readonly rubric: Rubric;
  /** An answer known to be good, for the judges that show it. */
  readonly reference?: string;
}

/** What a judge said of one response. */
export interface RubricJudgement {
  /** One per criterion, in the rubric's order; empty for a judge that rates the response as a whole. */
  readonly verdicts: readonly CriterionVerdict[];
  /** Of a judge that rates the response as a whole, else null. */
  readonly rating: RatingVerdict | null;
  /** What the models wrote, in the order they were asked. */
  readonly replies: readonly string[];
  readonly usage: Usage;
}

/**
 * Reads one response against a rubric. Failures of a model are verdicts, so `judge` rejects only where it was aborted or
 * misused; it asks again only for what could not be read.
 */
export interface RubricJudge {
  /** Mode, prompt wording and model: equal ids judge alike. */
  readonly id: string;
  judge(task: JudgeTask, options?: CallOptions): Promise<RubricJudgement>;
}
