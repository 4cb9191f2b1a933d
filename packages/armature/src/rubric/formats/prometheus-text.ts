import { type Row, RowFault, textOf } from "../../data/row-fields.ts";
import type { CriterionChoice } from "../rubric.ts";
import { type Field, promptText, requiredText } from "./field.ts";
import { layoutFormat } from "./layout.ts";
import { responseFields } from "./single-responses.ts";

const RUBRIC = /^\s*\[([\s\S]*?)\]\s*\n([\s\S]*)$/;
const LEVEL = /^Score (\d+): (.*(?:\n(?!Score \d+: ).*)*)$/gm;

/** `[question]`, then lines `Score 1: …`: the rubric text of Prometheus, as one criterion with described choices. */
function prometheusText(path: string): Field<readonly unknown[]> {
  return {
    path,
    decode: (raw) => {
      const [, text, scores = ""] = RUBRIC.exec(textOf(raw, path)) ?? [];
      const levels = [...scores.matchAll(LEVEL)];
      if (text === undefined || levels.length < 2)
        throw new RowFault("bad-rubric", path, "is no [question] with lines Score 1: …; remove the row");
      const choices = levels.map(([, label = "", description = ""], i) => ({
        label,
        description: description.trim(),
        value: i / (levels.length - 1),
      }));
      return [{ text, choices }];
    },
    encode: ([criterion]) => {
      const { text, choices } = criterion as { text: string; choices?: readonly CriterionChoice[] };
      const levels = choices ?? ["no", "yes"].map((label) => ({ label, description: label }));
      return [
        `[${text}]`,
        ...levels.map(({ label, description }, i) => `Score ${i + 1}: ${description ?? label}`),
      ].join("\n");
    },
  };
}

/** Whether a text is such a rubric. */
function isPrometheusText(text: unknown): text is string {
  return typeof text === "string" && /^\s*\[[\s\S]*\]\s*\nScore 1: /.test(text);
}

const criterion = {
  text: requiredText("text"),
  choices: {
    path: "choices",
    decode: (raw: unknown) => raw as readonly CriterionChoice[] | undefined,
    encode: (value: unknown) => value,
  },
};

/** HHH alignment with Prometheus rubrics: a pair, and the rubric as one text. */
export const prometheusPairFormat = layoutFormat({
  name: "prometheus-pair",
  about: "pairs with a rubric text of Prometheus: [question], then Score 1: … to Score 5: …",
  detect: (row) =>
    isPrometheusText(row["rubric"]) && "prompt" in row
      ? { sure: true, because: "rubric is [question] with lines Score 1: …" }
      : null,
  prompt: promptText("prompt"),
  list: prometheusText("rubric"),
  sourceNames: { "rubric[].text": "rubric, in brackets", "rubric[].choices": "rubric, Score 1: …" },
  criterion,
  sign: "positive",
  responses: responseFields(["chosen", "rejected"]),
});

const PART = /^###([^\n:]+):[^\S\n]*\n/gm;
const PARTS = {
  prompt: "The instruction to evaluate",
  response: "Response to evaluate",
  reference: "Reference Answer (Score 5)",
  rubric: "Score Rubrics",
};

/** What Prometheus is sent, taken apart: task, response, reference answer and rubric stand in one text. A changed part makes a new, shorter one. */
export const prometheusPromptFormat = layoutFormat({
  name: "prometheus-prompt",
  about: "whole prompts of Prometheus in `instruction`, with response, reference and rubric",
  detect: (row) =>
    isPrometheusText(partsOf(row)[PARTS.rubric])
      ? { sure: true, because: "instruction is a prompt of Prometheus with ###Score Rubrics" }
      : null,
  prompt: promptText("parts.prompt"),
  reference: {
    ...requiredText("parts.reference"),
    decode: (raw) => (typeof raw === "string" && raw !== "" ? raw : undefined),
  },
  list: prometheusText("parts.rubric"),
  criterion,
  sign: "positive",
  responses: responseFields(["response"]),
  sourceNames: {
    "parts.prompt": `###${PARTS.prompt}`,
    "parts.reference": `###${PARTS.reference}`,
    "parts.rubric[].text": `###${PARTS.rubric}, in brackets`,
    "parts.rubric[].choices": `###${PARTS.rubric}, Score 1: …`,
    response: `###${PARTS.response}`,
  },
  reshape: {
    read: (row) => {
      const parts = partsOf(row);
      const [prompt, reference, rubric] = [PARTS.prompt, PARTS.reference, PARTS.rubric].map(
        (name) => parts[name],
      );
      return { ...row, parts: { prompt, reference, rubric }, response: parts[PARTS.response] };
    },
    write: ({ parts, response, ...row }): Row => {
      const { prompt, reference, rubric } = parts as Record<string, string | undefined>;
      const known = partsOf(row);
      const same =
        known[PARTS.prompt] === prompt &&
        known[PARTS.response] === response &&
        known[PARTS.reference] === reference &&
        known[PARTS.rubric] === rubric;
      if (same) return row;
      const all = [
        [PARTS.prompt, prompt],
        [PARTS.response, response as string | undefined],
        [PARTS.reference, reference],
        [PARTS.rubric, rubric],
      ];
      const said = all
        .filter(([, text]) => text !== undefined)
        .map(([name, text]) => `###${name}:\n${text}\n\n`);
      return { ...row, instruction: `${said.join("")}###Feedback: ` };
    },
  },
});

function partsOf(row: Row): Record<string, string> {
  const text = row["instruction"];
  if (typeof text !== "string") return {};
  const heads = [...text.matchAll(PART)];
  return Object.fromEntries(
    heads.map((head, i) => [
      head[1]!.trim(),
      text.slice(head.index + head[0].length, heads[i + 1]?.index ?? text.lastIndexOf("###")).trim(),
    ]),
  );
}
