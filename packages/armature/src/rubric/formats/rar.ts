import { isRow } from "../../data/row-fields.ts";
import { pitfallPolarity } from "../polarity.ts";
import type { ImportanceCategory } from "../rubric.ts";
import { type Field, list, number, type OpenRow, promptText, requiredText, text } from "./field.ts";
import { layoutFormat } from "./layout.ts";

const PREFIX = /^(Essential|Important|Optional|Pitfall) Criteria: (?=\S)/;
/** The prefix of a description while it is apart; no published field has this name. */
const PREFIX_FIELD = "category prefix";

const category: Field<ImportanceCategory> = {
  path: PREFIX_FIELD,
  decode: (raw) => (typeof raw === "string" ? (raw.toLowerCase() as ImportanceCategory) : undefined),
  encode: (value) => value[0]!.toUpperCase() + value.slice(1),
};

/**
 * Rubrics as Rewards (RaR-Medicine, RaR-Science): items of title, description and signed weight, the category as a prefix of
 * the description. Polarity is read from the wording of each item with a negative weight or the category Pitfall.
 */
export const rarFormat = layoutFormat({
  name: "rar",
  about: "Rubrics as Rewards: title, description with a category prefix, signed weight",
  detect: (row) => {
    const items = row["rubric"];
    const own =
      Array.isArray(items) &&
      items.length > 0 &&
      items.every(
        (item) => isRow(item) && ["title", "description", "weight"].every((field) => field in item),
      );
    if (!own) return null;
    const prefixed = items.some((item) => PREFIX.test(String((item as OpenRow)["description"])));
    const sure = prefixed || "rubric_list" in row || "rubric_count" in row;
    return {
      sure,
      because: `rubric of title, description and weight${prefixed ? ", category prefixes" : ""}`,
    };
  },
  prompt: promptText("question"),
  reference: text("reference_answer"),
  list: list("rubric"),
  criterion: {
    text: requiredText("description"),
    title: text("title"),
    weight: number("weight"),
    category,
  },
  sign: "own",
  polarity: (criterion) =>
    criterion.category === "pitfall" || (criterion.weight ?? 1) < 0
      ? pitfallPolarity(criterion.text).polarity
      : "good",
  toWrite: (criterion) => {
    const { polarity, weight, category: known } = criterion;
    if (polarity === "good" || known === "pitfall" || weight < 0) return criterion;
    // A criterion of another family that is bad when true is what this one calls a pitfall.
    return { ...criterion, category: "pitfall", weight: -weight || 0 };
  },
  sourceNames: { [`rubric[].${PREFIX_FIELD}`]: "rubric[].description, its prefix" },
  reshape: { read: splitPrefixes, write: joinPrefixes },
  derive: (row, { criteria }, isNew) => {
    if (isNew || "rubric_count" in row) row["rubric_count"] = criteria.length;
  },
});

function splitPrefixes(row: OpenRow): OpenRow {
  return withItems(row, (item) => {
    const [prefix, word] = PREFIX.exec(String(item["description"])) ?? [];
    if (prefix === undefined || typeof item["description"] !== "string") return item;
    return { ...item, description: item["description"].slice(prefix.length), [PREFIX_FIELD]: word };
  });
}

function joinPrefixes(row: OpenRow): OpenRow {
  return withItems(row, ({ [PREFIX_FIELD]: word, ...item }) =>
    word === undefined ? item : { ...item, description: `${word} Criteria: ${item["description"]}` },
  );
}

function withItems(row: OpenRow, change: (item: OpenRow) => OpenRow): OpenRow {
  const items = row["rubric"];
  if (!Array.isArray(items)) return row;
  return { ...row, rubric: items.map((item) => (isRow(item) ? change(item) : item)) };
}
