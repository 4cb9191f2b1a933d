import { writeArmText } from "./arm-text.ts";
import type { Rubric } from "./rubric.ts";

/** A rubric in the form that pairwise judges read; criteria without kind are principles. */
export function armTextOf({ criteria }: Rubric): string {
  return writeArmText({ criteria: criteria.map(({ text, kind = "principle" }) => ({ text, kind })) });
}
