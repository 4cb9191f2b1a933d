import { isRow, type Row, RowFault } from "../../data/row-fields.ts";
import { list, number, type OpenRow, promptText, requiredText, text } from "./field.ts";
import { variantFormat } from "./layout.ts";

const TEXTS = ["description", "rubric_item", "Ingredient"] as const;
const QUERIES = ["query", "Question"] as const;
const TRUTH = "ground_truth";

/**
 * DR-Tulu and open-instruct: a `ground_truth` that is JSON in a text, with the question and its rubrics; weights +1 and −1, a
 * negative rubric naming what is bad.
 */
export const drTuluFormat = variantFormat({
  name: "dr-tulu",
  about: "DR-Tulu, open-instruct: ground_truth as JSON text with query and rubrics",
  detect: (row) => {
    const truth = parsed(row[TRUTH]);
    return truth !== null && Array.isArray(truth["rubrics"])
      ? { sure: true, because: "ground_truth is JSON with rubrics" }
      : null;
  },
  usual: "query description",
  variantOf: (row) => {
    const truth = parsed(row[TRUTH]) ?? {};
    const query = QUERIES.find((known) => known in truth) ?? "query";
    const [first] = Array.isArray(truth["rubrics"]) ? truth["rubrics"] : [];
    const word = TEXTS.find((known) => isRow(first) && known in first) ?? "description";
    return `${query} ${word}`;
  },
  layout: (variant) => {
    const [query = "query", word = "description"] = variant.split(" ");
    return {
      prompt: promptText(`${TRUTH}.${query}`),
      list: list(`${TRUTH}.rubrics`),
      criterion: { text: requiredText(word), weight: number("weight", 1), title: text("title") },
      sign: "signed",
      reshape: { read: openTruth, write: closeTruth },
    };
  },
});

function parsed(value: unknown): Row | null {
  if (typeof value !== "string") return null;
  try {
    const inner: unknown = JSON.parse(value);
    return isRow(inner) ? inner : null;
  } catch {
    return null;
  }
}

function openTruth(row: OpenRow): OpenRow {
  const truth = parsed(row[TRUTH]);
  if (truth === null) throw new RowFault("wrong-type", TRUTH, "is no JSON object in a text; remove the row");
  return { ...row, [TRUTH]: truth };
}

function closeTruth(row: OpenRow): OpenRow {
  return { ...row, [TRUTH]: JSON.stringify(row[TRUTH]) };
}
