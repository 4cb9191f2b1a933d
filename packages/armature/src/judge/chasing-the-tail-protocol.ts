import type { CriterionProtocol } from "./criterion-protocol.ts";
import { fillTemplate } from "./fill-template.ts";
import { criterionLine, shownTask, userMessage, wordings } from "./judge-wording.ts";
import { readVerdicts } from "./verdict-reply.ts";

/**
 * Chasing the Tail's verifier in our words: all criteria in one call as `- c1: text`, without weights and without reasons,
 * answered by an object of yes and no. With `missingIsNo` it does what the authors' code does: an id that a readable reply
 * leaves out is "no", and a reply is asked for again once. That is the only mode in which something missing counts; a reply
 * without any verdict is a parse failure even there (the code scores it 0).
 */
export function chasingTheTailProtocol({
  missingIsNo,
}: {
  readonly missingIsNo: boolean;
}): CriterionProtocol {
  const texts = wordings("chasing-the-tail-judge");
  return {
    name: missingIsNo ? "chasing-the-tail" : "chasing-the-tail-strict",
    wording: Object.values(texts),
    criteriaPerCall: Number.POSITIVE_INFINITY,
    messages: (task, asked) =>
      userMessage(
        fillTemplate(texts["chasing-the-tail-judge"], {
          ...shownTask(task),
          criteria: asked.map(criterionLine).join("\n"),
        }),
      ),
    read: (choice, asked, question) =>
      new Map(
        [...readVerdicts(choice.text, asked, question)].filter(([, { status }]) => status === "scored"),
      ),
    ...(missingIsNo && {
      ifMissing: { status: "scored", value: 0, reason: "not in the reply, which this mode takes for no" },
    }),
    furtherTries: 1,
  };
}
