import { isRow, type Row, wrongType } from "../../data/row-fields.ts";
import { list, name, number, type OpenRow, promptText, requiredText, texts } from "./field.ts";
import { layoutFormat } from "./layout.ts";
import { listOf } from "./native.ts";

/** ResearcherBench: points to be covered, with weights. */
export const researcherBenchFormat = layoutFormat({
  name: "researcherbench",
  about: "ResearcherBench: rubric of point and weight",
  detect: (row) => {
    const { rubric } = row;
    const own =
      Array.isArray(rubric) && rubric.length > 0 && rubric.every((item) => isRow(item) && "point" in item);
    return own ? { sure: true, because: "rubric of point and weight" } : null;
  },
  id: name("id"),
  prompt: promptText("question"),
  list: list("rubric"),
  criterion: { text: requiredText("point"), weight: number("weight") },
  sign: "positive",
});

/** ResearchQA: questions about the response, with types. */
export const researchQaFormat = layoutFormat({
  name: "researchqa",
  about: "ResearchQA: rubric of rubric_item and type",
  detect: (row) => {
    const { rubric } = row;
    const own =
      Array.isArray(rubric) &&
      rubric.length > 0 &&
      rubric.every((item) => isRow(item) && "rubric_item" in item);
    return own && "query" in row ? { sure: true, because: "query, and rubric of rubric_item" } : null;
  },
  id: name("id"),
  prompt: promptText("query"),
  list: list("rubric"),
  criterion: { text: requiredText("rubric_item"), tags: texts("type") },
  sign: "positive",
});

/** ScholarQA-CS: the weighted ingredients of an answer, in the settings of its metric. */
export const scholarQaFormat = layoutFormat({
  name: "scholarqa-cs",
  about: "ScholarQA-CS: metric_config.config.other_properties of criterion, weight and evidence",
  detect: (row) => {
    const config = isRow(row["metric_config"]) ? row["metric_config"]["config"] : undefined;
    return isRow(config) && Array.isArray(config["other_properties"])
      ? { sure: true, because: "metric_config.config.other_properties" }
      : null;
  },
  id: name("case_id"),
  prompt: promptText("initial_prompt"),
  list: list("metric_config.config.other_properties"),
  criterion: { id: name("name"), text: requiredText("criterion"), weight: number("weight") },
  sign: "positive",
});

const FLAT = "criteria of all dimensions";
const SHARE = "weight in the whole";

/**
 * DeepResearch Bench: criteria of several dimensions. A criterion's weight is its own times its dimension's, which is what it
 * has in the score (all weights of a prompt sum to 1); its own stays in `extra`. The dimension is a tag.
 */
export const deepResearchBenchFormat = layoutFormat({
  name: "deepresearch-bench",
  about: "DeepResearch Bench: criterions of weighted dimensions",
  detect: (row) =>
    isRow(row["criterions"]) && isRow(row["dimension_weight"])
      ? { sure: true, because: "criterions and dimension_weight" }
      : null,
  id: name("id"),
  prompt: promptText("prompt"),
  list: list(FLAT),
  criterion: { text: requiredText("criterion"), weight: number(SHARE), tags: texts("dimension") },
  sign: "positive",
  reshape: { read: flatten, write: gather },
  sourceNames: {
    [`${FLAT}[].criterion`]: "criterions.*[].criterion",
    [`${FLAT}[].${SHARE}`]: "criterions.*[].weight × dimension_weight.*",
    [`${FLAT}[].dimension`]: "the name in criterions",
  },
});

function flatten({ criterions, ...row }: OpenRow): OpenRow {
  const weights = row["dimension_weight"];
  if (!isRow(weights)) throw wrongType(weights, "dimension_weight", "give a weight for each dimension");
  if (!isRow(criterions)) throw wrongType(criterions, "criterions", "give lists of criteria by dimension");
  const flat = Object.entries(criterions).flatMap(([dimension, items]) =>
    listOf(items, `criterions.${dimension}`).map((item, i) => {
      if (!isRow(item)) throw wrongType(item, `criterions.${dimension}[${i}]`, "give an object");
      const share = Number(item["weight"]) * Number(weights[dimension]);
      return { ...item, dimension: [dimension], [SHARE]: share };
    }),
  );
  return { ...row, [FLAT]: flat };
}

function gather({ [FLAT]: flat, ...row }: OpenRow): Row {
  const weights = (row["dimension_weight"] ?? {}) as Readonly<Record<string, number>>;
  const criterions: Record<string, Row[]> = {};
  for (const { dimension, [SHARE]: share, ...item } of flat as readonly OpenRow[]) {
    const [name = "all"] = (dimension as readonly string[] | undefined) ?? [];
    const whole = weights[name] ?? 1;
    // The criterion's own weight as it stands there, unless the product was changed.
    const own = Number(item["weight"]) * whole === share ? item["weight"] : Number(share) / whole;
    criterions[name] = [...(criterions[name] ?? []), { ...item, weight: own }];
  }
  const dimensions = Object.fromEntries(Object.keys(criterions).map((name) => [name, 1]));
  return { ...row, dimension_weight: row["dimension_weight"] ?? dimensions, criterions };
}
