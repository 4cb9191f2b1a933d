import { isRow } from "../../data/row-fields.ts";
import { list, messages, name, number, requiredText, text, texts } from "./field.ts";
import { layoutFormat } from "./layout.ts";

/**
 * HealthBench (OpenAI, simple-evals): conversations with criteria of −10 to 10 points; a criterion of negative points is met
 * where the undesirable thing is present. An ideal answer becomes the reference.
 */
export const healthBenchFormat = layoutFormat({
  name: "healthbench",
  about: "HealthBench: criteria with signed points and tags",
  detect: (row) => {
    const { rubrics } = row;
    const own =
      Array.isArray(rubrics) &&
      rubrics.every((item) => isRow(item) && "criterion" in item && "points" in item) &&
      !("question" in row);
    const sure = "prompt_id" in row || "example_tags" in row || "ideal_completions_data" in row;
    return own && Array.isArray(row["prompt"]) ? { sure, because: "rubrics of criterion and points" } : null;
  },
  id: name("prompt_id"),
  prompt: messages("prompt"),
  reference: text("ideal_completions_data.ideal_completion"),
  list: list("rubrics"),
  criterion: { text: requiredText("criterion"), weight: number("points"), tags: texts("tags") },
  sign: "signed",
});
