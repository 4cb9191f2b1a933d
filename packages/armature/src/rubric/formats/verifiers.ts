import { isRow } from "../../data/row-fields.ts";
import type { CriterionChoice } from "../rubric.ts";
import { type Field, list, name, number, requiredText } from "./field.ts";
import { layoutFormat } from "./layout.ts";

/** Labels from worst to best; the score of a choice is its place over the last place. */
const orderedLabels = (path: string): Field<readonly CriterionChoice[]> => ({
  path,
  decode: (raw) => {
    const labels = Array.isArray(raw) && raw.length > 1 && raw.every((label) => typeof label === "string");
    // No and yes are what a criterion without choices has.
    if (!labels || (raw.length === 2 && raw[0] === "no" && raw[1] === "yes")) return undefined;
    return raw.map((label: string, i) => ({ label, value: i / (raw.length - 1) }));
  },
  encode: (choices) => choices.map(({ label }) => label),
});

/** A rubric of verifiers (Prime Intellect): one file a rubric, TOML or JSON, weights never negative. */
export const verifiersFormat = layoutFormat({
  name: "verifiers",
  about: "verifiers: one TOML or JSON file of criteria with name, text, weight, ordered choices",
  stored: "document",
  detect: (row) => {
    const { criteria } = row;
    const own =
      Array.isArray(criteria) &&
      criteria.length > 0 &&
      criteria.every(
        (item) => isRow(item) && typeof item["name"] === "string" && typeof item["text"] === "string",
      );
    return own ? { sure: true, because: "criteria of name and text" } : null;
  },
  list: list("criteria"),
  criterion: {
    id: name("name"),
    text: requiredText("text"),
    weight: number("weight", 1),
    choices: orderedLabels("choices"),
  },
  sign: "positive",
  namesAll: true,
});
