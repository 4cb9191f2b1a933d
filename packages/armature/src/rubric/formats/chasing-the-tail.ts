import { isRow, type Row } from "../../data/row-fields.ts";
import { list, name, number, promptText, requiredText } from "./field.ts";
import { variantFormat } from "./layout.ts";

/** The published rows, and the records that the authors' code writes in between. */
const FIELDS = {
  published: { list: "rubrics", count: "number_of_criteria" },
  record: { list: "criteria", count: "total_criteria" },
} as const;

/** Chasing the Tail (JunkaiZ/Rubrics): criteria of weight 1 to 3, all of them good when true. */
export const chasingTheTailFormat = variantFormat({
  name: "chasing-the-tail",
  about: "Chasing the Tail (JunkaiZ/Rubrics): criterion and positive weight",
  detect: (row) => {
    for (const { list, count } of Object.values(FIELDS)) {
      const items = row[list];
      const own =
        Array.isArray(items) && items.every((item) => isRow(item) && "criterion" in item && "weight" in item);
      if (own && (count in row || "total_weight" in row))
        return { sure: true, because: `${list} of criterion and weight, with totals` };
      if (own && list === "rubrics" && typeof row["prompt"] === "string")
        return { sure: false, because: "prompt, and rubrics of criterion and weight" };
    }
    return null;
  },
  usual: "published",
  variantOf: (row: Row) => (Array.isArray(row["criteria"]) ? "record" : "published"),
  layout: (variant) => {
    const fields = variant === "record" ? FIELDS.record : FIELDS.published;
    return {
      id: name("id"),
      prompt: promptText("prompt"),
      list: list(fields.list),
      criterion: {
        ...(variant === "record" && { id: name("local_id") }),
        text: requiredText("criterion"),
        weight: number("weight"),
      },
      sign: "positive",
      derive: (row, { criteria }, isNew) => {
        const total = criteria.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
        if (isNew || fields.count in row) row[fields.count] = criteria.length;
        if (isNew || "total_weight" in row) row["total_weight"] = total;
      },
    };
  },
});
