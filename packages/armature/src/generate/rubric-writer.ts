import type { Prompt } from "../data/prompt.ts";
import type { FailureKind } from "../failure.ts";
import type { CallOptions, Usage } from "../llm/language-model.ts";
import type { Rubric } from "../rubric/rubric.ts";

/** What a rubric is written from. A writer's docstring says what it needs; it reads nothing else. */
export interface RubricTask {
  readonly prompt: Prompt;
  /** An answer known to be good. */
  readonly reference?: string;
  /** Responses to the prompt, best first. */
  readonly ranked?: readonly string[];
  /** A rubric to be improved. */
  readonly rubric?: Rubric;
}

/** How a writing went, whatever came out of it. */
export interface WritingTrace {
  /** What the model wrote, in the order it was asked. */
  readonly replies: readonly string[];
  /** Why replies could not be read, `kind: detail` each, in their order. */
  readonly faults: readonly string[];
  /** What was mended in the reply that was read, `kind: detail` each: a clamped weight, a numbered list in place of JSON … */
  readonly repairs: readonly string[];
  readonly usage: Usage;
}

/** A rubric, or why there is none. */
export type RubricWriting = WritingTrace &
  (
    | { readonly status: "written"; readonly rubric: Rubric }
    | { readonly status: "failed"; readonly kind: FailureKind; readonly detail: string }
  );

/** Writes a rubric for a prompt: by one of the papers' methods over a language model, or with a trained generator. */
export interface RubricWriter {
  /** Method, preset and model: equal ids write from one distribution. */
  readonly id: string;
  /**
   * What a model writes is never an error, so `write` rejects only where it was aborted or where the task lacks what the
   * method needs (`ConfigError`).
   */
  write(task: RubricTask, options?: CallOptions): Promise<RubricWriting>;
}

/** A rubric out of a reply, or the fault; both in the form of `WritingTrace`. */
export type RubricReading =
  | { readonly ok: true; readonly rubric: Rubric; readonly repairs: readonly string[] }
  | { readonly ok: false; readonly fault: string };
