import { conversationText } from "../data/conversation-text.ts";
import { ConfigError } from "../errors.ts";
import { fenced, fillTemplate, loadPromptTemplate } from "../judge/fill-template.ts";
import type { Rubric } from "../rubric/rubric.ts";
import { toJson } from "../run/json-lines.ts";
import { askForRubric, type WriterSettings } from "./ask-for-rubric.ts";
import { WEIGHTED_RUBRIC_TOKENS } from "./initial-writer.ts";
import type { RubricWriter } from "./rubric-writer.ts";
import { readWeightedCriteria, WEIGHTED_CRITERIA_SCHEMA } from "./weighted-criteria.ts";

/**
 * Writes a whole new rubric that tells two strong responses apart better than the task's own (Chasing the Tail, the proposer
 * of algorithm 1). Needs `rubric` and exactly two responses in `ranked`; their order says nothing to the model.
 */
export function improvingWriter(settings: WriterSettings): RubricWriter {
  const template = loadPromptTemplate("rtd-improve", "generate");
  const tips = loadPromptTemplate("rtd-tips", "generate");
  return {
    id: `rtd-improve/${settings.model.id}`,
    async write({ prompt, rubric, ranked }, options) {
      const [first, second] = ranked ?? [];
      if (rubric === undefined || first === undefined || second === undefined || ranked!.length > 2)
        throw new ConfigError("an improvement needs a rubric and two responses; give both");
      const text = fillTemplate(template, {
        tips,
        prompt: fenced(conversationText(prompt)),
        rubric: fenced(rubricJson(rubric)),
        first_response: fenced(first),
        second_response: fenced(second),
      });
      return askForRubric(
        settings,
        {
          text,
          maxTokens: WEIGHTED_RUBRIC_TOKENS,
          responseSchema: WEIGHTED_CRITERIA_SCHEMA,
          read: readWeightedCriteria,
        },
        options,
      );
    },
  };
}

/** In the form that is asked for, so that criteria that are to stay can be copied with their weights. */
function rubricJson({ criteria }: Rubric): string {
  const lines = criteria.map(({ text, weight }) => `  ${toJson({ criterion: text, weight })}`);
  return `{"criteria": [\n${lines.join(",\n")}\n]}`;
}
