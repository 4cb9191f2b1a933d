import { type Row, RowFault } from "../../data/row-fields.ts";
import { readArmText, writeArmText } from "../arm-text.ts";
import { type CriterionParts, withDefaults } from "../check-rubric.ts";
import type { Criterion } from "../rubric.ts";
import type { RubricItem } from "../rubric-item.ts";
import { DENIAL } from "./layout.ts";
import { checkedRubric, defaultId } from "./native.ts";
import { onlyItem, type RubricFormat } from "./rubric-format.ts";

/** A rubric of Rubric-ARM as a text file: numbered lines with [Hard Rule] or [Principle]. */
export const armTextFormat: RubricFormat = {
  name: "arm-text",
  about: "Rubric-ARM's text: numbered lines that end in [Hard Rule] or [Principle]",
  stored: "text",
  mapping: [
    ["line", "criterion.text"],
    ["tag", "criterion.kind"],
  ],
  detect: (row) => {
    const text = onlyText(row);
    return text !== null && readArmText(text).ok
      ? { sure: true, because: "numbered lines with [Hard Rule] or [Principle]" }
      : null;
  },
  read: (row) => {
    const reading = readArmText(onlyText(row) ?? "");
    if (!reading.ok) throw new RowFault("bad-rubric", "the text", `is no numbered rubric (${reading.fault})`);
    return [single(reading.rubric.criteria, "arm-text")];
  },
  write: (items) => {
    const { criteria } = onlyItem(items, "arm-text").rubric;
    return [
      {
        text: `${writeArmText({
          criteria: criteria.map(({ text, polarity, kind = "principle" }) => ({
            text: stated(text, polarity),
            kind,
          })),
        })}\n`,
      },
    ];
  },
};

/** A criterion a line, with or without bullets. */
export const linesFormat: RubricFormat = {
  name: "lines",
  about: "text with a criterion a line",
  stored: "text",
  mapping: [["line", "criterion.text"]],
  detect: (row) => {
    const text = onlyText(row);
    // Blank lines, headings and long lines make it a text about something, not a list.
    const isList = text !== null && text.trim() !== "" && !/\n\s*\n|^#|^```|^.{300}/m.test(text.trim());
    return isList ? { sure: false, because: "a list of lines" } : null;
  },
  read: (row) => {
    const lines = (onlyText(row) ?? "").split("\n").map((line) => line.replace(BULLET, "").trim());
    return [
      single(
        lines.filter((line) => line !== "").map((text) => ({ text })),
        "lines",
      ),
    ];
  },
  write: (items) => {
    const { criteria } = onlyItem(items, "lines").rubric;
    // With a bullet, so that a text that begins like one comes back whole.
    const lines = criteria.map(({ text, polarity }) => `- ${stated(text, polarity).replace(/\s+/g, " ")}\n`);
    return [{ text: lines.join("") }];
  },
};

const BULLET = /^\s*(?:[-*•]|\d+[.)])\s+/;

/** A text as these forms have it, which know no polarity. */
function stated(text: string, polarity: Criterion["polarity"]): string {
  return polarity === "bad" ? `${DENIAL}${text}` : text;
}

function onlyText(row: Row): string | null {
  return typeof row["text"] === "string" && Object.keys(row).length === 1 ? row["text"] : null;
}

function single(criteria: readonly CriterionParts[], format: string): RubricItem {
  const undenied = criteria.map((criterion): CriterionParts => {
    const { text } = criterion;
    return text.startsWith(DENIAL) && text.length > DENIAL.length
      ? { ...criterion, text: text.slice(DENIAL.length), polarity: "bad" }
      : criterion;
  });
  const rubric = checkedRubric({ criteria: withDefaults(undenied) }, "the text");
  return { id: defaultId(null, rubric), prompt: null, reference: null, responses: [], rubric, format };
}
