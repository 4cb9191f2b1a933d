import type { Prompt } from "../data/prompt.ts";
import { addUsage, type CallOptions, type Usage } from "../llm/language-model.ts";
import { writeArmText } from "../rubric/arm-text.ts";
import type { Rubric } from "../rubric/rubric.ts";
import { type ConsistencySettings, filterByLabels, type LabelConsistency } from "./label-filter.ts";
import type { RubricWriter, RubricWriting } from "./rubric-writer.ts";

/** Who writes from contrast, and who checks the labels; null leaves the check out. */
export interface ContrastSettings {
  readonly writer: RubricWriter;
  readonly consistency: ConsistencySettings | null;
}

/** A rubric from ranked responses and how it agrees with their order. */
export interface Contrast {
  readonly writing: RubricWriting;
  /** Null where no rubric was written or nothing was to be checked. */
  readonly consistency: LabelConsistency | null;
  /** Of the writing and the check. */
  readonly usage: Usage;
}

/** Contrastive rubric generation with the preference-label filter after it (OpenRubrics, section 3). */
export async function contrast(
  prompt: Prompt,
  ranked: readonly string[],
  { writer, consistency: check }: ContrastSettings,
  options: CallOptions = {},
): Promise<Contrast> {
  const writing = await writer.write({ prompt, ranked }, options);
  if (writing.status === "failed" || check === null)
    return { writing, consistency: null, usage: writing.usage };
  const text = taggedText(writing.rubric);
  const consistency = await filterByLabels(prompt, ranked, text, check, options);
  return { writing, consistency, usage: addUsage(writing.usage, consistency.usage) };
}

/** A rubric in the form that pairwise judges read; a criterion without kind counts as a principle. */
export function taggedText({ criteria }: Rubric): string {
  return writeArmText({ criteria: criteria.map(({ text, kind }) => ({ text, kind: kind ?? "principle" })) });
}
