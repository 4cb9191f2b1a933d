import { isRow } from "../../data/row-fields.ts";
import { list, messages, requiredText } from "./field.ts";
import { layoutFormat } from "./layout.ts";

/** tinker-cookbook's rubric recipe: conversations with rubric texts, each with the output form and pattern of its grader. */
export const tinkerCookbookFormat = layoutFormat({
  name: "tinker-cookbook",
  about: "tinker-cookbook: convo, and rubric_items of rubric_str",
  detect: (row) => {
    const items = row["rubric_items"];
    const own = Array.isArray(items) && items.every((item) => isRow(item) && "rubric_str" in item);
    return own ? { sure: true, because: "rubric_items of rubric_str" } : null;
  },
  prompt: messages("convo"),
  list: list("rubric_items"),
  criterion: { text: requiredText("rubric_str") },
  sign: "positive",
});
