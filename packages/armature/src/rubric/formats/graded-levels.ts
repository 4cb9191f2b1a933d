import { isRow, type Row, RowFault } from "../../data/row-fields.ts";
import type { CriterionChoice } from "../rubric.ts";
import { type Field, list, name, type OpenRow, promptText, requiredText, text } from "./field.ts";
import { layoutFormat } from "./layout.ts";
import { listOf } from "./native.ts";
import { systemAndUser } from "./system-prompt.ts";

const LEVELS = [1, 2, 3, 4, 5];
const isLevels = (value: unknown): value is Row =>
  isRow(value) && LEVELS.every((level) => typeof value[`score${level}_description`] === "string");

/** Five descriptions of levels as choices labelled 1 to 5. */
function scoreLevels(path: string): Field<readonly CriterionChoice[]> {
  return levelField(
    path,
    LEVELS.map((level) => [`score${level}_description`, String(level)]),
  );
}

/** Choices out of fields of one object, worst first, evenly spaced. */
function levelField(
  path: string,
  fields: readonly (readonly [field: string, label: string])[],
): Field<readonly CriterionChoice[]> {
  return {
    path,
    within: true,
    decode: (raw) => {
      if (!isRow(raw)) return undefined;
      return fields.map(([field, label], i) => {
        const description = raw[field];
        if (typeof description !== "string")
          throw new RowFault("missing-field", field, "is missing; describe every level");
        return { label, description, value: i / (fields.length - 1) };
      });
    },
    encode: (choices) =>
      Object.fromEntries(
        fields.map(([field], i) => [field, choices[i]?.description ?? choices[i]?.label ?? ""]),
      ),
  };
}

const whole = (field: string) => ({
  read: (row: OpenRow): OpenRow => ({ ...row, [field]: [{ levels: row[field] }] }),
  write: (row: OpenRow): Row => ({ ...row, [field]: (row[field] as readonly Row[])[0]!["levels"] }),
});
const system = systemAndUser("system_prompt", "input");
const scoreRubric = whole("score_rubric");

/** BiGGen-Bench and Prometheus: one criterion with a description for each of the scores 1 to 5. */
export const bigGenFormat = layoutFormat({
  name: "biggen-bench",
  about: "BiGGen-Bench, Prometheus: score_rubric of one criterion with five described scores",
  detect: (row) =>
    isLevels(row["score_rubric"]) ? { sure: true, because: "score_rubric with five levels" } : null,
  id: name("id"),
  prompt: system.prompt,
  reference: text("reference_answer"),
  list: list("score_rubric"),
  criterion: { text: requiredText("levels.criteria"), choices: scoreLevels("levels") },
  sign: "positive",
  sourceNames: {
    input: "system_prompt, input",
    "score_rubric[].levels.criteria": "score_rubric.criteria",
    "score_rubric[].levels": "score_rubric.score1_description … score5_description",
  },
  reshape: {
    read: (row) => scoreRubric.read(system.reshape.read(row)),
    write: (row) => system.reshape.write(openCopy(scoreRubric.write(row))),
  },
});

const openCopy = (row: Row): OpenRow => ({ ...row });

/** Levels without a prompt, as ScholarQA's Prometheus rubrics have them: a row a criterion. */
export const prometheusFormat = layoutFormat({
  name: "prometheus",
  about: "Prometheus: rows of criteria_description and five described scores",
  detect: (row) =>
    typeof row["criteria_description"] === "string" && isLevels(row)
      ? { sure: true, because: "criteria_description with five levels" }
      : null,
  id: name("aspect"),
  list: list("criteria"),
  criterion: { text: requiredText("levels.criteria_description"), choices: scoreLevels("levels") },
  sign: "positive",
  sourceNames: {
    "criteria[].levels.criteria_description": "criteria_description",
    "criteria[].levels": "score1_description … score5_description",
  },
  reshape: {
    read: ({ aspect, ...row }) => ({ ...(aspect !== undefined && { aspect }), criteria: [{ levels: row }] }),
    write: ({ criteria, ...row }) => ({ ...(criteria as readonly { levels: Row }[])[0]!.levels, ...row }),
  },
});

const RANGES = ["1-2", "3-4", "5-6", "7-8", "9-10"].map((range) => [range, range] as const);

/** WritingBench: five criteria a query, each with descriptions of the score ranges 1-2 to 9-10. */
export const writingBenchFormat = layoutFormat({
  name: "writingbench",
  about: "WritingBench: criteria with a name, a description and five score ranges",
  detect: (row) => {
    const { criteria } = row;
    const own =
      Array.isArray(criteria) && criteria.every((item) => isRow(item) && "1-2" in item && "9-10" in item);
    return own && criteria.length > 0
      ? { sure: true, because: "criteria with the ranges 1-2 to 9-10" }
      : null;
  },
  id: name("index"),
  prompt: promptText("query"),
  list: list("criteria"),
  criterion: {
    text: requiredText("levels.criteria_description"),
    title: text("levels.name"),
    choices: levelField("levels", RANGES),
  },
  sign: "positive",
  sourceNames: {
    "criteria[].levels.criteria_description": "criteria[].criteria_description",
    "criteria[].levels.name": "criteria[].name",
    "criteria[].levels": "criteria[].1-2 … 9-10",
  },
  reshape: {
    read: ({ criteria, ...row }) => ({
      ...row,
      criteria: listOf(criteria, "criteria").map((levels) => ({ levels })),
    }),
    write: ({ criteria, ...row }) => ({
      ...row,
      criteria: (criteria as readonly Row[]).map(({ levels }) => levels),
    }),
  },
});
