import type { CriterionProtocol } from "./criterion-protocol.ts";
import { fillTemplate } from "./fill-template.ts";
import { criterionLine, referenceSection, shownTask, userMessage, wordings } from "./judge-wording.ts";
import { readVerdicts } from "./verdict-reply.ts";

/**
 * Our own way of asking for verdicts: reason first, then yes, no, "cannot tell" or one of the criterion's choices; so many
 * criteria in a call, 1 for each on its own and `Infinity` for all at once. The task's reference is shown where it has one.
 * Weights are not shown. Rubrics as Rewards prints no prompt for its explicit judge; this one stands for it.
 */
export function plainProtocol(criteriaPerCall = 1): CriterionProtocol {
  const texts = wordings("criteria-judge", "reference-section", "ask-again");
  return {
    name: "criteria",
    wording: Object.values(texts),
    criteriaPerCall,
    messages: (task, asked) =>
      userMessage(
        fillTemplate(texts["criteria-judge"], {
          ...shownTask(task),
          reference: referenceSection(task, texts["reference-section"]),
          criteria: asked
            .map((one) => `${criterionLine(one)}${choicesText(one.criterion.choices)}`)
            .join("\n"),
        }),
      ),
    read: (choice, asked, question) => readVerdicts(choice.text, asked, question),
    responseSchema: (asked) => ({
      name: "verdicts",
      schema: {
        type: "object",
        properties: {
          verdicts: {
            type: "array",
            items: {
              type: "object",
              properties: {
                id: { type: "string", enum: asked.map(({ key }) => key) },
                reason: { type: "string" },
                verdict: { type: "string" },
              },
              required: ["id", "reason", "verdict"],
              additionalProperties: false,
            },
          },
        },
        required: ["verdicts"],
        additionalProperties: false,
      },
    }),
  };
}

type Choices = Parameters<typeof criterionLine>[0]["criterion"]["choices"];

function choicesText(choices: Choices): string {
  if (choices === undefined) return "";
  const listed = choices.map(({ label, description }) =>
    description === undefined
      ? `\n  - ${JSON.stringify(label)}`
      : `\n  - ${JSON.stringify(label)}: ${description}`,
  );
  return `\n  Choices, from worst to best:${listed.join("")}`;
}
