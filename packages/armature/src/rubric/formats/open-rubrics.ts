import { type Row, RowFault, textOf } from "../../data/row-fields.ts";
import { readArmText, writeArmText } from "../arm-text.ts";
import type { Criterion } from "../rubric.ts";
import { type Field, name, promptText, requiredText } from "./field.ts";
import { variantFormat } from "./layout.ts";
import type { RubricFormat } from "./rubric-format.ts";
import { responseFields } from "./single-responses.ts";

/** Names of the prompt and of the two responses, as the published sets have them. */
const VARIANTS: Readonly<Record<string, readonly [prompt: string, ...responses: string[]]>> = {
  pairs: ["instruction", "response_a", "response_b"],
  chosen: ["prompt", "chosen", "rejected"],
  prompt: ["prompt"],
  instruction: ["instruction"],
};

const kindAndText = { text: requiredText("text"), kind: plainField<NonNullable<Criterion["kind"]>>("kind") };

/**
 * OpenRubrics and Rubric-ARM: the rubric is one text of numbered lines that end in [Hard Rule] or [Principle] (Rubric-ARM,
 * table 8), beside the two responses of a pair.
 */
export const openRubricsFormat: RubricFormat = variantFormat({
  name: "openrubrics",
  about: "OpenRubrics, Rubric-ARM: numbered text with [Hard Rule] and [Principle]",
  detect: (row) => {
    const text = row["rubric"];
    if (typeof text !== "string" || variantOf(row) === undefined) return null;
    return /^\W*1\s*[.)]/.test(text) && /\[\s*(hard[ -]?rule|principle)\s*\]/i.test(text)
      ? { sure: true, because: "rubric is numbered text with [Hard Rule] or [Principle]" }
      : null;
  },
  usual: "pairs",
  variantOf: (row) => variantOf(row) ?? "pairs",
  layout: (variant) => {
    const [prompt, ...responses] = VARIANTS[variant] ?? VARIANTS["pairs"]!;
    return {
      id: name("question_id"),
      prompt: promptText(prompt),
      list: numberedText("rubric"),
      criterion: kindAndText,
      sign: "positive",
      sourceNames: { "rubric[].text": "rubric, a line", "rubric[].kind": "rubric, a line's tag" },
      responses: responseFields(responses),
    };
  },
});

function variantOf(row: Row): string | undefined {
  return Object.keys(VARIANTS).find((variant) => VARIANTS[variant]!.every((field) => field in row));
}

function plainField<T>(path: string): Field<T> {
  return { path, decode: (raw) => raw as T | undefined, encode: (value) => value };
}

/** Criteria in one text. What would be written otherwise stays as it is, beside them. */
function numberedText(path: string): Field<readonly unknown[]> {
  return {
    path,
    decode: (raw) => {
      const reading = readArmText(textOf(raw, path));
      if (!reading.ok)
        throw new RowFault("bad-rubric", path, `is no numbered rubric (${reading.fault}); remove the row`);
      return reading.rubric.criteria;
    },
    // A criterion without a kind is written as a principle: the form has no third.
    encode: (value) =>
      writeArmText({
        criteria: (value as readonly Criterion[]).map(({ text, kind = "principle" }) => ({ text, kind })),
      }),
  };
}
