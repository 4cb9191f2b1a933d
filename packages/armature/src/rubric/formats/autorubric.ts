import { isRow, type Row } from "../../data/row-fields.ts";
import type { CriterionVerdict } from "../../judge/criterion-verdict.ts";
import type { Criterion, CriterionChoice } from "../rubric.ts";
import type { RubricResponse } from "../rubric-item.ts";
import { type Field, list, name, number, promptText, requiredText } from "./field.ts";
import { layoutFormat, type ResponseFields } from "./layout.ts";

/** Options with values 0 to 1, sorted; an option marked `na` is an abstention and none of the choices. */
const options: Field<readonly CriterionChoice[]> = {
  path: "options",
  decode: (raw) => {
    if (!Array.isArray(raw)) return undefined;
    const choices = raw.flatMap((option) =>
      isRow(option) && option["na"] !== true && typeof option["value"] === "number"
        ? [{ label: String(option["label"]), value: option["value"] }]
        : [],
    );
    return choices.length < 2 ? undefined : choices.sort((a, b) => a.value - b.value);
  },
  encode: (choices) => choices.map(({ label, value }) => ({ label, value })),
};

/**
 * autorubric: a rubric of signed requirements, and the submissions to be graded with it. Items that bring a rubric or prompt
 * of their own stay in `extra`.
 */
export const autorubricFormat = layoutFormat({
  name: "autorubric",
  about: "autorubric: requirement with signed weight, options, submissions; JSON or YAML",
  stored: "document",
  detect: (row) => {
    const { rubric } = row;
    const own =
      Array.isArray(rubric) &&
      rubric.length > 0 &&
      rubric.every((item) => isRow(item) && "requirement" in item);
    return own ? { sure: true, because: "rubric of requirements" } : null;
  },
  prompt: promptText("prompt"),
  list: list("rubric"),
  criterion: {
    id: name("name"),
    text: requiredText("requirement"),
    weight: number("weight", 1),
    choices: options,
  },
  sign: "signed",
  responses: submissions(),
});

function submissions(): ResponseFields {
  return {
    mapping: [
      ["items[].submission", "responses[].text"],
      ["items[].ground_truth", "responses[].verdicts"],
    ],
    take: (row, { criteria }) => {
      const { items } = row;
      const plain = (item: unknown): item is Row =>
        isRow(item) &&
        typeof item["submission"] === "string" &&
        (item["rubric"] ?? null) === null &&
        (item["prompt"] ?? null) === null;
      if (!Array.isArray(items) || items.length === 0 || !items.every(plain)) return [];
      delete row["items"];
      return items.map((item) => readSubmission(item, criteria));
    },
    put: (row, responses, { criteria }) => {
      if (responses.length > 0)
        row["items"] = responses.map((response) => writeSubmission(response, criteria));
    },
  };
}

function readSubmission({ submission, ...rest }: Row, criteria: readonly Criterion[]): RubricResponse {
  const { ground_truth: truth, ...others } = rest;
  const text = submission as string;
  const verdicts =
    Array.isArray(truth) && truth.length === criteria.length
      ? truth.map((label, i) => verdictOf(label, criteria[i]!))
      : null;
  const known = verdicts?.every((verdict) => verdict !== null) ?? false;
  const extra = known ? others : rest;
  return {
    text,
    ...(known && verdicts !== null && { verdicts }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

function verdictOf(label: unknown, { choices }: Criterion): CriterionVerdict | null {
  const choice = choices?.find((candidate) => candidate.label === label);
  if (choice !== undefined)
    return { status: "scored", value: choice.value, choice: choice.label, reason: null };
  if (label === "CANNOT_ASSESS") return { status: "abstained", reason: null };
  if (choices !== undefined || (label !== "MET" && label !== "UNMET")) return null;
  return { status: "scored", value: Number(label === "MET"), reason: null };
}

function writeSubmission({ text, verdicts, extra }: RubricResponse, criteria: readonly Criterion[]): Row {
  const truth = verdicts?.map((verdict, i) => {
    if (verdict?.status !== "scored") return "CANNOT_ASSESS";
    return verdict.choice ?? (criteria[i]!.choices === undefined && verdict.value >= 0.5 ? "MET" : "UNMET");
  });
  return { submission: text, ...extra, ...(truth !== undefined && { ground_truth: truth }) };
}
