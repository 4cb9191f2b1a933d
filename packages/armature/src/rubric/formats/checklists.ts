import { isRow, type Row } from "../../data/row-fields.ts";
import type { RubricItem } from "../rubric-item.ts";
import { type Field, list, name, type OpenRow, promptText, requiredText, texts } from "./field.ts";
import { layoutFormat, type ResponseFields } from "./layout.ts";
import { listOf } from "./native.ts";
import type { RubricFormat } from "./rubric-format.ts";
import { verdictList } from "./single-responses.ts";

const TEXT = requiredText("");
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");

/** InFoBench: an instruction with its input, decomposed into yes-or-no questions with labels, and one judged answer. */
export const infoBenchFormat = layoutFormat({
  name: "infobench",
  about: "InFoBench: decomposed_questions, labels, one answer with its verdicts",
  detect: (row) =>
    isTexts(row["decomposed_questions"]) ? { sure: true, because: "decomposed_questions" } : null,
  id: name("id"),
  prompt: promptText("instruction"),
  list: list("decomposed_questions"),
  criterion: { text: requiredText("question"), tags: texts("label") },
  sign: "positive",
  responses: verdictList("output", "eval"),
  reshape: { read: zipQuestions, write: unzipQuestions },
  sourceNames: {
    instruction: "instruction, input",
    "decomposed_questions[].question": "decomposed_questions[]",
    "decomposed_questions[].label": "question_label[]",
  },
});

/** The input below the instruction, as every reader of pairs has it, and each label with its question. */
function zipQuestions({ question_label: labels, ...row }: OpenRow): OpenRow {
  const questions = listOf(row["decomposed_questions"], "decomposed_questions");
  const apart = Array.isArray(labels) && labels.length === questions.length;
  const instruction =
    typeof row["input"] === "string" && row["input"].trim() !== "" && typeof row["instruction"] === "string"
      ? `${row["instruction"]}\n\n${row["input"]}`
      : row["instruction"];
  return {
    ...row,
    instruction,
    ...(!apart && labels !== undefined && { question_label: labels }),
    decomposed_questions: questions.map((question, i) => ({ question, ...(apart && { label: labels[i] }) })),
  };
}

function unzipQuestions(row: OpenRow): Row {
  const criteria = row["decomposed_questions"] as readonly Row[];
  const below = typeof row["input"] === "string" && row["input"].trim() !== "" ? `\n\n${row["input"]}` : "";
  const instruction = row["instruction"];
  return {
    ...row,
    ...(typeof instruction === "string" &&
      below !== "" &&
      instruction.endsWith(below) && { instruction: instruction.slice(0, -below.length) }),
    decomposed_questions: criteria.map(({ question }) => question),
    ...(criteria.some(({ label }) => label !== undefined) && {
      question_label: criteria.map(({ label }) => label ?? []),
    }),
  };
}

/** HelloBench: a checklist, and answers of models with a score of 0 to 1 and a reason for each question. */
export const helloBenchFormat = layoutFormat({
  name: "hellobench",
  about: "HelloBench: checklists, answers of models with scores and reasons",
  detect: (row) =>
    isTexts(row["checklists"]) && "instruction" in row
      ? { sure: true, because: "instruction and checklists" }
      : null,
  id: name("id"),
  prompt: promptText("instruction"),
  list: list("checklists"),
  elements: "texts",
  criterion: { text: TEXT },
  sign: "positive",
  responses: scoredAnswers(),
});

function scoredAnswers(): ResponseFields {
  return {
    mapping: [
      ["answers[].response", "responses[].text"],
      ["answers[].model", "responses[].model"],
      ["answers[].scores, answers[].reasons", "responses[].verdicts"],
    ],
    take: (row, { criteria }) => {
      const { answers } = row;
      const known = (answer: unknown): answer is Row =>
        isRow(answer) && typeof answer["response"] === "string" && typeof answer["model"] === "string";
      if (!Array.isArray(answers) || answers.length === 0 || !answers.every(known)) return [];
      delete row["answers"];
      return answers.map((answer) => readAnswer(answer, criteria.length));
    },
    put: (row, responses) => {
      if (responses.length === 0) return;
      row["answers"] = responses.map(({ text, model, verdicts, extra }) => {
        const reasons = verdicts?.map((verdict) => (verdict?.status === "scored" ? verdict.reason : null));
        const scores = verdicts?.map((verdict) => (verdict?.status === "scored" ? verdict.value : null));
        return {
          model: model ?? "",
          response: text,
          ...(scores !== undefined && { scores }),
          ...(reasons?.some((reason) => reason !== null) && { reasons }),
          ...extra,
        };
      });
    },
  };
}

function readAnswer({ model, response, ...rest }: Row, count: number): RubricItem["responses"][number] {
  const { scores, reasons, ...others } = rest;
  const shares =
    Array.isArray(scores) &&
    scores.length === count &&
    scores.every((score) => score === null || (typeof score === "number" && score >= 0 && score <= 1));
  const told =
    Array.isArray(reasons) &&
    reasons.length === count &&
    reasons.every((reason) => typeof reason === "string");
  const read = shares && (reasons === undefined || told);
  const verdicts = read
    ? (scores as readonly (number | null)[]).map((value, i) =>
        value === null
          ? null
          : ({ status: "scored", value, reason: told ? (reasons[i] as string) : null } as const),
      )
    : undefined;
  // A reason beside a score that is missing has no place in a verdict.
  const whole = verdicts !== undefined && !(told && verdicts.includes(null));
  const extra = whole ? others : rest;
  return {
    text: response as string,
    model: model as string,
    ...(whole && { verdicts }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

/** Checklists by name: one object whose values are lists of texts, an item each. */
export const checklistMapFormat: RubricFormat = {
  name: "checklist-map",
  about: "one object from a name to a list of texts, as HelloBench's checklist files",
  stored: "document",
  mapping: [
    ["key", "id"],
    ["value[]", "criterion.text"],
  ],
  detect: (row) => {
    const lists = Object.values(row);
    return lists.length > 0 && lists.every(isTexts) && !("criteria" in row || "rubric" in row)
      ? { sure: lists.length > 1, because: "an object whose values are all lists of texts" }
      : null;
  },
  read: (row) =>
    Object.entries(row).flatMap(([id, checklist]) =>
      namedChecklist
        .read({ id, checklist })
        .map(({ extra: _, ...item }) => ({ ...item, format: "checklist-map" })),
    ),
  write: (items) => [
    Object.fromEntries(items.map((item) => [item.id, namedChecklist.write([item])[0]!["checklist"]])),
  ],
};

const namedChecklist = layoutFormat({
  name: "checklist",
  about: "",
  detect: () => null,
  id: keyField(),
  list: list("checklist"),
  elements: "texts",
  criterion: { text: TEXT },
  sign: "positive",
});

function keyField(): Field<string> {
  return { path: "id", decode: (raw) => String(raw), encode: (value) => value };
}
