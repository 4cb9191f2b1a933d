import { conversationText } from "../data/conversation-text.ts";
import { ConfigError } from "../errors.ts";
import { fenced, fillTemplate, loadPromptTemplate } from "../judge/fill-template.ts";
import { askForRubric, type WriterSettings } from "./ask-for-rubric.ts";
import type { RubricWriter } from "./rubric-writer.ts";
import { readTaggedCriteria } from "./tagged-criteria.ts";

/** Longest rubric of contrastive generation in tokens (OpenRubrics, table 8). */
const REPLY_TOKENS = 768;

/**
 * Writes hard rules and principles from what makes the better responses better (OpenRubrics, contrastive rubric
 * generation): pairwise for two responses in `ranked`, listwise for more. Needs at least two, which must differ.
 */
export function contrastiveWriter(settings: WriterSettings): RubricWriter {
  const rules = loadPromptTemplate("crg-rules", "generate");
  const pairwise = loadPromptTemplate("crg-pairwise", "generate");
  const listwise = loadPromptTemplate("crg-listwise", "generate");
  return {
    id: `crg/${settings.model.id}`,
    async write({ prompt, ranked = [] }, options) {
      const [chosen, rejected] = ranked;
      if (chosen === undefined || rejected === undefined)
        throw new ConfigError(
          `contrastive generation needs at least two ranked responses, not ${ranked.length}`,
        );
      const shared = { rules, prompt: fenced(conversationText(prompt)) };
      const text =
        ranked.length === 2
          ? fillTemplate(pairwise, { ...shared, chosen: fenced(chosen), rejected: fenced(rejected) })
          : fillTemplate(listwise, { ...shared, responses: ranked.map(fenced).join("\n\n") });
      return askForRubric(settings, { text, maxTokens: REPLY_TOKENS, read: readTaggedCriteria }, options);
    },
  };
}
