import { isRow, type Row, RowFault } from "../../data/row-fields.ts";
import type { Criterion } from "../rubric.ts";
import { type Field, list, messages, name, type OpenRow, requiredText } from "./field.ts";
import { layoutFormat } from "./layout.ts";
import { responseMap } from "./single-responses.ts";

/** YES: the question should be answered with yes, and the criterion is good when true. NO is the opposite. */
function passAnswer(path: string): Field<Criterion["polarity"]> {
  return {
    path,
    decode: (raw) => {
      const answer = String(raw ?? "")
        .trim()
        .toLowerCase();
      if (answer === "yes") return "good";
      if (answer === "no") return "bad";
      throw new RowFault("wrong-type", path, `is ${JSON.stringify(raw) ?? "missing"}; write YES or NO`);
    },
    encode: (polarity) => (polarity === "bad" ? "NO" : "YES"),
  };
}

/** NeMo Gym's multichallenge server: questions about the response, each with the answer that passes. */
export const nemoGymFormat = layoutFormat({
  name: "nemo-gym",
  about: "NeMo Gym multichallenge: rubric of question and pass_criteria",
  detect: (row) => {
    const { rubric } = row;
    const own = Array.isArray(rubric) && rubric.every((item) => isRow(item) && "pass_criteria" in item);
    return own && rubric.length > 0 ? { sure: true, because: "rubric of question and pass_criteria" } : null;
  },
  id: name("uuid"),
  prompt: messages("responses_create_params.input"),
  list: list("rubric"),
  criterion: { text: requiredText("question"), polarity: passAnswer("pass_criteria") },
  sign: "own",
});

const QUESTION = "target question";

/** MultiChallenge (Scale AI): a conversation, one question about its answer, and answers of models. */
export const multiChallengeFormat = layoutFormat({
  name: "multichallenge",
  about: "MultiChallenge: TARGET_QUESTION and PASS_CRITERIA about the answer to a conversation",
  detect: (row) =>
    "TARGET_QUESTION" in row && "PASS_CRITERIA" in row
      ? { sure: true, because: "TARGET_QUESTION and PASS_CRITERIA" }
      : null,
  id: name("QUESTION_ID"),
  prompt: messages("CONVERSATION"),
  list: list(QUESTION),
  criterion: { text: requiredText("TARGET_QUESTION"), polarity: passAnswer("PASS_CRITERIA") },
  sign: "own",
  responses: responseMap("RESPONSES"),
  reshape: {
    read: ({ TARGET_QUESTION, PASS_CRITERIA, ...row }) => ({
      ...row,
      [QUESTION]: [{ TARGET_QUESTION, PASS_CRITERIA }],
    }),
    write: ({ [QUESTION]: questions, ...row }): Row => ({ ...row, ...(questions as readonly OpenRow[])[0] }),
  },
  sourceNames: {
    [`${QUESTION}[].TARGET_QUESTION`]: "TARGET_QUESTION",
    [`${QUESTION}[].PASS_CRITERIA`]: "PASS_CRITERIA",
  },
});
