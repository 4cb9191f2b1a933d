import type { Prompt } from "../data/prompt.ts";
import { signedPoints } from "../reward/judged-criteria.ts";
import type { CriterionProtocol } from "./criterion-protocol.ts";
import { fenced, fillTemplate } from "./fill-template.ts";
import { statementText, userMessage, wordings } from "./judge-wording.ts";
import { readVerdicts } from "./verdict-reply.ts";

/**
 * HealthBench's grader (simple-evals, healthbench_eval.py) in our words: one call an item, the conversation as
 * `role: content` with the response as its last turn, the item as `[points] criterion`, and a boolean `criteria_met`. For
 * negative points it tells whether the undesirable thing is there. The original asks without end until a boolean comes; here
 * further tries are counted. Score it with `healthBench`.
 */
export function healthBenchProtocol(): CriterionProtocol {
  const texts = wordings("healthbench-judge");
  return {
    name: "healthbench",
    wording: Object.values(texts),
    criteriaPerCall: 1,
    messages: ({ prompt, response }, asked) =>
      userMessage(
        fillTemplate(texts["healthbench-judge"], {
          conversation: fenced(turns(prompt, response)),
          item: asked
            .map(({ criterion }) => `[${signedPoints(criterion)}] ${statementText(criterion.text)}`)
            .join("\n"),
        }),
      ),
    read: (choice, asked, question) =>
      new Map(
        [...readVerdicts(choice.text, asked, question)].filter(([, { status }]) => status === "scored"),
      ),
  };
}

function turns({ messages }: Prompt, response: string): string {
  return [...messages, { role: "assistant", content: response }]
    .map(({ role, content }) => `${role}: ${content}`)
    .join("\n\n");
}
