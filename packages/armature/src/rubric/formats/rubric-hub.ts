import { isRow, type Row } from "../../data/row-fields.ts";
import type { CriterionVerifier } from "../rubric.ts";
import { type Field, list, messages, name, number, promptText, requiredText, valueAt } from "./field.ts";
import { variantFormat } from "./layout.ts";

const LISTS = ["reward_model.rubrics", "reward_model.Rubric", "rubrics"] as const;

/** `{verifier: "rule", function, parameters}`; with any other `verifier` a language model judges. */
const ruleVerifier: Field<CriterionVerifier> = {
  path: "tags",
  decode: (raw) => {
    if (!isRow(raw) || raw["verifier"] !== "rule" || typeof raw["function"] !== "string") return undefined;
    const { parameters } = raw;
    return { name: raw["function"], parameters: isRow(parameters) ? parameters : {} };
  },
  encode: ({ name, parameters }) => ({ verifier: "rule", function: name, parameters }),
};

/** Tags as a list of `key:value`. A map of tags stays as it is, in `extra`. */
const tagList: Field<readonly string[]> = {
  path: "tags",
  decode: (raw) =>
    Array.isArray(raw) && raw.length > 0 && raw.every((tag) => typeof tag === "string") ? raw : undefined,
  encode: (value) => value,
};

/** RubricHub: rows of verl with criteria of points, judged by a rule or a model; also its plain question rows. */
export const rubricHubFormat = variantFormat({
  name: "rubric-hub",
  about: "RubricHub: verl rows, criterion and points, rule verifiers",
  detect: (row) => {
    const path = LISTS.find((candidate) => Array.isArray(valueAt(row, candidate)));
    if (path === undefined) return null;
    const items = valueAt(row, path) as unknown[];
    if (!items.every((item) => isRow(item) && "criterion" in item && "points" in item)) return null;
    if (path !== "rubrics") return { sure: true, because: `${path} of criterion and points` };
    return "question" in row
      ? { sure: true, because: "question, and rubrics of criterion and points" }
      : null;
  },
  usual: "reward_model.rubrics",
  variantOf: (row: Row) =>
    LISTS.find((candidate) => Array.isArray(valueAt(row, candidate))) ?? "reward_model.rubrics",
  layout: (path) => ({
    ...(path === "rubrics"
      ? { id: name("id"), prompt: promptText("question") }
      : { prompt: messages("prompt") }),
    list: list(path),
    criterion: {
      text: requiredText("criterion"),
      weight: number("points"),
      verifier: ruleVerifier,
      tags: tagList,
    },
    sign: "signed",
    derive: (row, _, isNew) => {
      if (isNew && path !== "rubrics") row["data_source"] = "armature";
    },
  }),
});
