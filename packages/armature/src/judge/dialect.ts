import type { TokenIds } from "@armature/tinker";
import type { Prompt } from "../data/prompt.ts";
import type { ArmRubric, ArmRubricReading } from "../rubric/arm-rubric.ts";
import type { PairwiseJudgement } from "./judgement.ts";

/**
 * How rubrics and judgements are written for a pair of models: prompts as tokens, and readers of what comes back. The
 * paper's dialect speaks through a chat template; the sandbox has a short one for nano models. Training, evaluation and
 * the CLI know only this interface.
 */
export interface Dialect {
  readonly name: string;
  readonly generator: Speaker;
  readonly judge: Speaker;
  /** What the rubric generator reads: the prompt only, never a response. */
  generatorPrompt(prompt: Prompt): TokenIds;
  readRubric(text: string): ArmRubricReading;
  writeRubric(rubric: ArmRubric): string;
  /** What the judge reads; `rubricText` is shown as the generator wrote it. */
  judgePrompt(prompt: Prompt, responseA: string, responseB: string, rubricText: string): TokenIds;
  /** `rubricText` gives the number of criteria to be addressed. */
  readJudgement(text: string, rubricText: string): PairwiseJudgement;
}

/** Tokens and limits of one of the two models. */
export interface Speaker {
  /** Completion tokens to text, without the end token. */
  decode(tokens: TokenIds): string;
  /** Text to completion tokens, with the end token. */
  encodeCompletion(text: string): Int32Array;
  /** Tokens that end a completion. */
  readonly stop: readonly number[];
  /** Longest completion in tokens. */
  readonly maxTokens: number;
}
