import { SeededStream } from "@armature/engine";
import { promptId } from "../../data/content-id.ts";
import type { JsonlRow } from "../../data/read-jsonl.ts";
import { isRow, RowFault, textOf, wrongType } from "../../data/row-fields.ts";
import { fillTemplate, loadPromptTemplate } from "../../judge/fill-template.ts";
import { letterOf, readBoxedAnswer } from "../boxed-answer.ts";
import type { Grade, Measure, PolicySuite, PolicyTask, TaskReading } from "../policy-suite.ts";

const ACCURACY: readonly Measure[] = [
  { name: "accuracy", label: "accuracy", format: "percent", over: "marks" },
];

/** A question with options, as a row states it. */
interface ChoiceQuestion {
  readonly id: string;
  readonly subset: string;
  readonly text: string;
  readonly options: readonly string[];
  /** Place of the right option. */
  readonly right: number;
}

/** What multiple-choice suites share: greedy answers with a box. */
function choiceSuite(
  parts: Pick<PolicySuite, "name" | "title" | "files" | "unquoted"> & {
    /** True where the order of options is drawn anew in each run; false keeps the file's, which options may refer to. */
    readonly permuted: boolean;
    readonly question: (row: JsonlRow) => ChoiceQuestion;
  },
): PolicySuite {
  const { permuted, question: read, ...rest } = parts;
  return {
    ...rest,
    maxTokens: 2048,
    runsDiffer: permuted,
    measures: ACCURACY,
    read: (row, reading) => [choiceTask(row, read(row), reading, permuted)],
  };
}

/** Read once: suites have thousands of questions. */
let template: string | undefined;

function choiceTask(
  { file, line }: JsonlRow,
  question: ChoiceQuestion,
  { run, seed }: TaskReading,
  permuted: boolean,
): PolicyTask {
  const { id, subset, text, options, right } = question;
  const places = options.map((_, i) => i);
  const order = permuted ? new SeededStream(seed, "options", id, run).shuffled(places) : places;
  const shown = order.map((place) => options[place]!);
  const answer = letterOf(order.indexOf(right));
  template ??= loadPromptTemplate("multiple-choice", "policy-bench");
  const content = fillTemplate(template, {
    question: text,
    options: shown.map((option, i) => `${letterOf(i)}) ${option}`).join("\n"),
  });
  const messages = [{ role: "user" as const, content }];
  return {
    id: run === 0 ? id : `${id}#${run + 1}`,
    ...{ question: id, run, subset, given: [], source: { file, line } },
    prompt: { id: promptId(messages), messages },
    grade: (response) => gradeChoice(response, shown, answer, subset),
  };
}

function gradeChoice(
  response: Parameters<PolicyTask["grade"]>[0],
  options: readonly string[],
  answer: string,
  subset: string,
): Grade {
  const read = readBoxedAnswer(response.text, options, response.extra?.["finishReason"] === "length");
  const value = Number(read.status === "read" && read.letter === answer);
  return {
    marks: [null, subset].map((group) => ({ measure: "accuracy", group, value })),
    ...(read.status === "read"
      ? { note: `${read.letter}, ${value === 1 ? "right" : `not ${answer}`}` }
      : { note: `unreadable: ${read.reason}`, unreadable: read.reason }),
  };
}

/** GPQA-Diamond (Rein et al. 2023): the order of the four options is drawn for each question and run. */
export const gpqaDiamond = choiceSuite({
  name: "gpqa-diamond",
  title: "GPQA-Diamond",
  files: ["mcq-math/gpqa_diamond.jsonl.gz"],
  unquoted: true,
  permuted: true,
  question: ({ value, line }) => ({
    id: typeof value["Record ID"] === "string" ? value["Record ID"] : `line ${line}`,
    subset: textOf(value["High-level domain"] ?? "GPQA", "High-level domain"),
    text: textOf(value["Question"], "Question").trim(),
    options: ["Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3"].map(
      (field) => optionText(value[field], field),
    ),
    right: 0,
  }),
});

const mmluQuestion = ({ value, file, line }: JsonlRow): ChoiceQuestion => {
  const options = listOfOptions(value["choices"], "choices");
  const subset = textOf(value["subject"] ?? "MMLU", "subject");
  return {
    id: `${subset}:${file.replace(/^.*[/\\]/, "")}:${line}`,
    subset,
    text: textOf(value["question"], "question").trim(),
    options,
    right: rightPlace(value["answer"], "answer", options.length),
  };
};

/** MMLU (Hendrycks et al. 2021): the published archive, or rows of question, subject, choices and answer (a letter, or a place from 0). */
export const mmlu = choiceSuite({
  name: "mmlu",
  title: "MMLU",
  files: ["mcq-math/mmlu.zip"],
  permuted: false,
  question: mmluQuestion,
});

/** Ten subjects of MMLU that touch on medicine, of which RaR's health policies are asked. */
export const mmluMedical = choiceSuite({
  name: "mmlu-medical",
  title: "MMLU, medical subjects",
  files: ["mcq-math/mmlu_medical_test.jsonl.gz"],
  permuted: false,
  question: mmluQuestion,
});

/** MedQA-USMLE with four options (Jin et al. 2020). */
export const medqa = choiceSuite({
  name: "medqa",
  title: "MedQA (USMLE, 4 options)",
  files: ["mcq-math/medqa_us_test.jsonl.gz"],
  permuted: false,
  question({ value, line }) {
    const { options: named } = value;
    if (!isRow(named)) throw wrongType(named ?? undefined, "options", "give an object of options by letter");
    const letters = Object.keys(named).sort();
    const options = letters.map((letter) => optionText(named[letter], `options.${letter}`));
    return {
      id: `line ${line}`,
      subset: textOf(value["meta_info"] ?? "MedQA", "meta_info"),
      text: textOf(value["question"], "question").trim(),
      options,
      right: rightPlace(value["answer_idx"], "answer_idx", options.length),
    };
  },
});

function optionText(value: unknown, field: string): string {
  return typeof value === "number" ? String(value) : textOf(value, field).trim();
}

function listOfOptions(value: unknown, field: string): readonly string[] {
  if (!Array.isArray(value) || value.length < 2)
    throw wrongType(value ?? undefined, field, "give a list of at least two options");
  return value.map((option, i) => optionText(option, `${field}[${i}]`));
}

function rightPlace(value: unknown, field: string, count: number): number {
  const place =
    typeof value === "string" && /^[A-Z]$/.test(value.trim()) ? value.trim().charCodeAt(0) - 65 : value;
  if (typeof place === "number" && Number.isInteger(place) && place >= 0 && place < count) return place;
  const found = JSON.stringify(value) ?? "missing";
  throw new RowFault("wrong-type", field, `is ${found}; give the right option's letter, one of ${count}`);
}
