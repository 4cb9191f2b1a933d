import type { ArmCriterion, ArmRubric, ArmRubricReading } from "./arm-rubric.ts";
import type { CriterionKind } from "./rubric.ts";

const TAGS: Readonly<Record<CriterionKind, string>> = { "hard-rule": "Hard Rule", principle: "Principle" };

/** `3.` or `3)`, with or without bold or a bullet, then the item. */
const NUMBERED = /^(?:[-*]\s+)?\**\s*(\d+)\s*[.)]\s*(.*)$/;
const FINAL_TAG = /\s*\**\s*\[\s*(hard[ -]?rule|principle)\s*\][\s.*]*$/i;

/** The paper's form of a rubric: `N. The response … [Hard Rule|Principle]`, a line a criterion (Rubric-ARM, table 8). */
export function writeArmText(rubric: ArmRubric): string {
  return rubric.criteria
    .map(({ text, kind }, i) => `${i + 1}. ${text.replace(/\s+/g, " ").trim()} [${TAGS[kind]}]`)
    .join("\n");
}

/**
 * Reads the paper's form. Bold markers, bullets, `1)`, the tag's case and items broken over lines are tolerated. A fault is
 * `kind: detail`, kind one of `no-items`, `stray-text`, `wrong-number`, `missing-tag`, `empty-item`, `repeated-item`.
 * What `writeArmText` wrote is read back, unless a criterion starts or ends with an asterisk.
 */
export function readArmText(text: string): ArmRubricReading {
  const items: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [, number, item] = NUMBERED.exec(line.trim()) ?? [];
    const open = items.at(-1);
    if (number !== undefined && item !== undefined) {
      const expected = items.length + 1;
      if (Number(number) !== expected)
        return fault(`wrong-number: item ${expected} is numbered ${number.slice(0, 9)}`);
      items.push(item);
    } else if (line.trim() !== "") {
      if (open === undefined || FINAL_TAG.test(open))
        return fault(`stray-text: line ${index + 1} is not a numbered item`);
      items[items.length - 1] = `${open} ${line.trim()}`;
    }
  }
  return items.length === 0 ? fault("no-items: no numbered line") : readItems(items);
}

function readItems(items: readonly string[]): ArmRubricReading {
  const criteria: ArmCriterion[] = [];
  const itemOfText = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const number = index + 1;
    const tag = FINAL_TAG.exec(item);
    if (!tag) return fault(`missing-tag: item ${number} does not end with [Hard Rule] or [Principle]`);
    const text = item.slice(0, tag.index).replace(/^[\s*]+/, "");
    if (text === "") return fault(`empty-item: item ${number} has no text`);
    const key = text
      .toLowerCase()
      .replace(/[\s.;,]+/g, " ")
      .trim();
    const first = itemOfText.get(key);
    if (first !== undefined) return fault(`repeated-item: item ${number} repeats item ${first}`);
    itemOfText.set(key, number);
    criteria.push({ text, kind: /^h/i.test(tag[1]!) ? "hard-rule" : "principle" });
  }
  return { ok: true, rubric: { criteria } };
}

/** Criteria that a judge is expected to address: numbered lines, also those of a text that is no valid rubric. */
export function countArmItems(text: string): number {
  return text.split("\n").filter((line) => NUMBERED.test(line.trim())).length;
}

function fault(text: string): ArmRubricReading {
  return { ok: false, fault: text };
}
