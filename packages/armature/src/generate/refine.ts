import type { Prompt } from "../data/prompt.ts";
import { addUsage, type CallOptions, type Usage } from "../llm/language-model.ts";
import type { Rubric } from "../rubric/rubric.ts";
import { type Differentiated, type DifferentiationSettings, differentiate } from "./differentiate.ts";
import type { RubricWriter, RubricWriting } from "./rubric-writer.ts";

/** As `differentiate`, with a writer of the first rubric for prompts that have none. */
export interface RefinementSettings extends DifferentiationSettings {
  readonly initial: RubricWriter;
}

/** A prompt with responses to tell apart, and a rubric where it has one already. */
export interface RefinementTask {
  readonly prompt: Prompt;
  readonly rubric: Rubric | null;
  readonly candidates: readonly string[];
}

/** A first rubric and its refinement. */
export interface Refinement {
  /** Null where the task had a rubric. */
  readonly initial: RubricWriting | null;
  /** Null where no first rubric was written. */
  readonly differentiated: Differentiated | null;
  readonly usage: Usage;
}

/** Chasing the Tail as a whole: the first rubric from the prompt where there is none, then `differentiate`. */
export async function refineRubric(
  { prompt, rubric, candidates }: RefinementTask,
  { initial: writer, ...settings }: RefinementSettings,
  options: CallOptions = {},
): Promise<Refinement> {
  const initial = rubric === null ? await writer.write({ prompt }, options) : null;
  const first = initial?.status === "written" ? initial.rubric : rubric;
  if (first === null) return { initial, differentiated: null, usage: initial!.usage };
  const differentiated = await differentiate({ prompt, rubric: first, candidates }, settings, options);
  const usage = initial === null ? differentiated.usage : addUsage(initial.usage, differentiated.usage);
  return { initial, differentiated, usage };
}
