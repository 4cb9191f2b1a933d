import { withoutThinking } from "../llm/without-thinking.ts";
import type { ArmRubric } from "../rubric/arm-rubric.ts";
import { readArmText } from "../rubric/arm-text.ts";
import type { Rubric } from "../rubric/rubric.ts";
import type { RubricReading } from "./rubric-writer.ts";

const NUMBERED_LINE = /^(?:[-*]\s+)?\**\s*\d+\s*[.)]/;
const TAGGED_LINE = /\[\s*(?:hard[ -]?rule|principle)\s*\][\s.*]*$/i;

/**
 * Reads a rubric of Rubric-ARM and OpenRubrics, `N. The response … [Hard Rule|Principle]` a line. Thoughts, fences and
 * sentences before the first item and after the last one are passed over and told as a repair. Faults: those of
 * `readArmText`, and `empty-reply`.
 */
export function readTaggedCriteria(reply: string): RubricReading {
  const text = withoutThinking(reply);
  if (text === "") return { ok: false, fault: "empty-reply: nothing was written" };
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const first = lines.findIndex((line) => NUMBERED_LINE.test(line.trim()));
  if (first < 0) return { ok: false, fault: "no-items: no numbered line" };
  const last = lines.findLastIndex((line) => TAGGED_LINE.test(line.trim()));
  const inside = last < first ? lines : lines.slice(first, last + 1);
  const reading = readArmText(inside.join("\n"));
  if (!reading.ok) return reading;
  const passed = lines.length - inside.length;
  const repairs = passed === 0 ? [] : [`surrounding-text: ${passed} lines passed over`];
  return { ok: true, rubric: rubricOfArm(reading.rubric), repairs };
}

/** The lines as criteria of equal weight whose truth is good. */
export function rubricOfArm({ criteria }: ArmRubric): Rubric {
  return {
    criteria: criteria.map(({ text, kind }, i) => ({
      id: `c${i + 1}`,
      text,
      weight: 1,
      polarity: "good",
      kind,
    })),
  };
}
