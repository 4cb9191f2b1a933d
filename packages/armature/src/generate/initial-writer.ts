import { conversationText } from "../data/conversation-text.ts";
import { fenced, fillTemplate, loadPromptTemplate } from "../judge/fill-template.ts";
import { askForRubric, type WriterSettings } from "./ask-for-rubric.ts";
import type { RubricWriter } from "./rubric-writer.ts";
import { readWeightedCriteria, WEIGHTED_CRITERIA_SCHEMA } from "./weighted-criteria.ts";

/** Tokens that a rubric of weighted criteria may take. */
export const WEIGHTED_RUBRIC_TOKENS = 4096;

/**
 * Writes weighted yes/no criteria from the prompt alone (Chasing the Tail, the initial rubric of algorithm 1). Reads no
 * reference and no responses.
 */
export function initialWriter(settings: WriterSettings): RubricWriter {
  const template = loadPromptTemplate("rtd-initial", "generate");
  const tips = loadPromptTemplate("rtd-tips", "generate");
  return {
    id: `rtd-initial/${settings.model.id}`,
    write: ({ prompt }, options) =>
      askForRubric(
        settings,
        {
          text: fillTemplate(template, { tips, prompt: fenced(conversationText(prompt)) }),
          maxTokens: WEIGHTED_RUBRIC_TOKENS,
          responseSchema: WEIGHTED_CRITERIA_SCHEMA,
          read: readWeightedCriteria,
        },
        options,
      ),
  };
}
