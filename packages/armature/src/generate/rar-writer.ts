import { conversationText } from "../data/conversation-text.ts";
import { fenced, fillTemplate, loadPromptTemplate } from "../judge/fill-template.ts";
import { askForRubric, type WriterSettings } from "./ask-for-rubric.ts";
import { readRarItems } from "./rar-items.ts";
import { RAR_PRESETS, type RarPreset, type RarPresetName } from "./rar-presets.ts";
import type { RubricWriter } from "./rubric-writer.ts";

const REPLY_TOKENS = 4096;

/**
 * Writes 7 to 20 items in four categories from the prompt and, where the task has one, its reference answer (Rubrics as
 * Rewards, section 4.2). A preset of `RAR_PRESETS` by name, or one of your own.
 */
export function rarWriter(
  settings: WriterSettings,
  preset: RarPresetName | RarPreset = "general",
): RubricWriter {
  const template = loadPromptTemplate("rar", "generate");
  const { name, field, aspects, pitfalls }: RarPreset =
    typeof preset === "string" ? RAR_PRESETS[preset] : preset;
  return {
    id: `rar/${name}/${settings.model.id}`,
    write: ({ prompt, reference }, options) =>
      askForRubric(
        settings,
        {
          text: fillTemplate(template, {
            field,
            aspects,
            pitfalls: pitfalls === undefined ? "" : `${pitfalls}\n`,
            grounding: reference === undefined ? "" : ", grounded in the reference answer below it",
            prompt: fenced(conversationText(prompt)),
            reference: reference === undefined ? "" : `${referenceText(reference)}\n`,
          }),
          maxTokens: REPLY_TOKENS,
          responseSchema: RAR_SCHEMA,
          read: readRarItems,
        },
        options,
      ),
  };
}

/** The reference is the ground of the rubric, not its measure: an answer may be good in other words. */
function referenceText(reference: string): string {
  const rule =
    "Take from it what a correct answer must contain, not how it is worded; do not mention it in the items.";
  return `\nThe reference answer:\n${fenced(reference)}\n${rule}`;
}

const RAR_SCHEMA = {
  name: "rubric",
  schema: {
    type: "object",
    properties: {
      criteria: {
        type: "array",
        items: {
          type: "object",
          properties: {
            title: { type: "string" },
            category: { enum: ["essential", "important", "optional", "pitfall"] },
            description: { type: "string" },
            weight: { type: "integer" },
            whenTrue: { enum: ["good", "bad"] },
          },
          required: ["title", "category", "description", "weight", "whenTrue"],
          additionalProperties: false,
        },
      },
    },
    required: ["criteria"],
    additionalProperties: false,
  },
};
