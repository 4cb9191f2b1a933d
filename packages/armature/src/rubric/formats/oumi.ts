import { isRow } from "../../data/row-fields.ts";
import { list, name, number, requiredText } from "./field.ts";
import { layoutFormat } from "./layout.ts";
import { systemAndUser } from "./system-prompt.ts";

/** Oumi's rubric data set for GRPO: rubrics of name, description and positive weight. */
export const oumiFormat = layoutFormat({
  name: "oumi",
  about: "Oumi: rubrics of name, description and weight, with a system prompt",
  detect: (row) => {
    const { rubrics } = row;
    const own =
      Array.isArray(rubrics) &&
      rubrics.length > 0 &&
      rubrics.every((item) => isRow(item) && "name" in item && "description" in item);
    return own && "prompt" in row
      ? { sure: true, because: "prompt, and rubrics of name and description" }
      : null;
  },
  ...systemAndUser("system_prompt", "prompt"),
  list: list("rubrics"),
  criterion: { id: name("name"), text: requiredText("description"), weight: number("weight", 1) },
  sign: "positive",
  namesAll: true,
});
