import type { RowFaultReason } from "../data/row-fields.ts";
import type { FieldMapping, RubricFormat } from "./formats/rubric-format.ts";
import { pitfallPolarity } from "./polarity.ts";
import type { RubricItem } from "./rubric-item.ts";

/** What became of one rubric file. */
export interface ImportReport {
  readonly file: string;
  readonly format: string;
  /** Why this format. */
  readonly because: string;
  readonly rows: number;
  readonly items: number;
  readonly criteria: number;
  /** Criteria that are bad when true. */
  readonly bad: number;
  /** Sums of the weights above and below zero. */
  readonly weight: { readonly positive: number; readonly negative: number };
  readonly prompts: number;
  readonly references: number;
  readonly responses: number;
  /** Verdicts that stand with the responses. */
  readonly verdicts: number;
  /** Which field became what; only what occurs. */
  readonly mapped: FieldMapping;
  /** Fields that have no place in the model and stay in `extra`, by where they stand; with the number of their holders. */
  readonly kept: Readonly<Record<"item" | "criterion" | "response", Readonly<Record<string, number>>>>;
  /** Items whose id an earlier item has. */
  readonly repeatedIds: number;
  /** Criteria of RaR whose polarity the wording leaves open; they count as bad. */
  readonly unclearPolarity: number;
  readonly skipped: Readonly<Partial<Record<RowFaultReason, number>>>;
  readonly firstSkipped: Readonly<Partial<Record<RowFaultReason, string>>>;
}

type Found = Pick<ImportReport, "file" | "because" | "rows" | "skipped" | "firstSkipped"> & {
  readonly format: RubricFormat;
};

/** Counts of what was read. */
export function reportOf(items: readonly RubricItem[], { format, ...found }: Found): ImportReport {
  const criteria = items.flatMap((item) => item.rubric.criteria);
  const responses = items.flatMap((item) => item.responses);
  const verdicts = responses
    .flatMap((response) => response.verdicts ?? [])
    .filter((verdict) => verdict !== null);
  const weights = criteria.map(({ weight }) => weight);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    ...found,
    format: format.name,
    items: items.length,
    criteria: criteria.length,
    bad: criteria.filter(({ polarity }) => polarity === "bad").length,
    weight: {
      positive: sum(weights.filter((weight) => weight > 0)),
      negative: sum(weights.filter((weight) => weight < 0)),
    },
    prompts: items.filter(({ prompt }) => prompt !== null).length,
    references: items.filter(({ reference }) => reference !== null).length,
    responses: responses.length,
    verdicts: verdicts.length,
    mapped: mappedFields(items, format),
    kept: { item: extraNames(items), criterion: extraNames(criteria), response: extraNames(responses) },
    repeatedIds: items.length - new Set(items.map(({ id }) => id)).size,
    unclearPolarity:
      format.name === "rar"
        ? criteria.filter(
            ({ text, weight, category }) =>
              (weight < 0 || category === "pitfall") && !pitfallPolarity(text).sure,
          ).length
        : 0,
  };
}

/** Lines for people. */
export function importSummary(report: ImportReport): readonly string[] {
  const { weight, kept, skipped } = report;
  const counted = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, count]) => `${name} (${count})`);
  const extras = Object.entries(kept).flatMap(([holder, counts]) =>
    Object.keys(counts).length === 0 ? [] : [`${holder}: ${counted(counts).join(", ")}`],
  );
  const left = Object.values(report.firstSkipped);
  return [
    `${report.file}: ${report.format} (${report.because})`,
    `  ${report.rows} rows, ${report.items} rubrics, ${report.criteria} criteria (${report.bad} bad when true), weights ${number(weight.positive)}${weight.negative < 0 ? ` and ${number(weight.negative)}` : ""}`,
    `  ${report.prompts} prompts, ${report.references} references, ${report.responses} responses, ${report.verdicts} verdicts`,
    `  mapped: ${report.mapped.map(([from, to]) => `${from} -> ${to}`).join(", ")}`,
    ...(extras.length === 0 ? [] : [`  kept in extra: ${extras.join("; ")}`]),
    ...(report.repeatedIds === 0 ? [] : [`  ${report.repeatedIds} ids repeat an earlier one`]),
    ...(report.unclearPolarity === 0
      ? []
      : [
          `  ${report.unclearPolarity} pitfalls whose wording leaves the polarity open; they count as bad when true`,
        ]),
    ...(left.length === 0
      ? []
      : [`  left out: ${counted(skipped as Record<string, number>).join(", ")}; ${left.join(" | ")}`]),
  ];
}

const number = (value: number) => String(Number(value.toFixed(2)));

function extraNames(
  holders: readonly { readonly extra?: Readonly<Record<string, unknown>> }[],
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { extra } of holders)
    for (const name of Object.keys(extra ?? {})) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function mappedFields(items: readonly RubricItem[], format: RubricFormat): FieldMapping {
  const present = new Set(items.flatMap(presentParts));
  const known = new Map<string, readonly [string, string]>();
  for (const name of new Set(items.map((item) => item.format ?? format.name)))
    for (const pair of format.mappingAs?.(name) ?? format.mapping) known.set(pair.join(" "), pair);
  return [...known.values()].filter(([, to]) => {
    const [part = ""] = to.split(",");
    return (
      !/^(id|prompt|reference|rubric\.title|criterion\.\w+|responses\[\]\.\w+)$/.test(part) ||
      present.has(part)
    );
  });
}

function presentParts({ prompt, reference, rubric, responses }: RubricItem): readonly string[] {
  return [
    "id",
    ...(prompt === null ? [] : ["prompt"]),
    ...(reference === null ? [] : ["reference"]),
    ...(rubric.title === undefined ? [] : ["rubric.title"]),
    ...rubric.criteria.flatMap((criterion) => Object.keys(criterion).map((part) => `criterion.${part}`)),
    ...responses.flatMap((response) => Object.keys(response).map((part) => `responses[].${part}`)),
  ];
}
