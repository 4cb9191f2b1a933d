import type { Message } from "../data/prompt.ts";
import type { Choice, CompletionRequest } from "../llm/language-model.ts";
import type { Criterion } from "../rubric/rubric.ts";
import type { CriterionVerdict } from "./criterion-verdict.ts";
import type { JudgeTask } from "./rubric-judge.ts";

/** A criterion under the key that the model sees: `c1`, `c2` … by its place in the rubric, the same in every call. */
export interface AskedCriterion {
  readonly key: string;
  readonly criterion: Criterion;
}

/** How criteria are put to a language model, and how its reply is read. */
export interface CriterionProtocol {
  readonly name: string;
  /** What stands for the wording in a judge's id: another wording is another judge. */
  readonly wording: readonly string[];
  /** Most criteria in one call. */
  readonly criteriaPerCall: number;
  /** The question, with what does not change between criteria first, so that endpoints can cache it. */
  messages(task: JudgeTask, asked: readonly AskedCriterion[]): readonly Message[];
  /** Verdicts by key, of those asked that the reply states. `question` is what the model was sent, as one text. */
  read(
    choice: Choice,
    asked: readonly AskedCriterion[],
    question: string,
  ): ReadonlyMap<string, CriterionVerdict>;
  /** Alternatives to each token that the reading needs. */
  readonly topLogprobs?: number;
  /** A hint for endpoints that enforce a schema. */
  responseSchema?(asked: readonly AskedCriterion[]): CompletionRequest["responseSchema"];
  /** The verdict on what a paper's protocol takes for answered although the reply lacks it. */
  readonly ifMissing?: CriterionVerdict;
  /** Further tries for what could not be read; the judge's own setting goes before. Default 2. */
  readonly furtherTries?: number;
}
