import { answered, promptOf } from "../../data/pair-content.ts";
import { RowFault } from "../../data/row-fields.ts";
import { nameOf, pairItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { OVER_ITEMS } from "../grading.ts";

/**
 * HelpSteer3-Preference (arXiv 2505.11475): context (messages), response1, response2, domain, and overall_preference from −3
 * (response 1 much better) to 3 (response 2 much better), 0 being a tie.
 */
export const helpSteer3: BenchSuite = {
  name: "helpsteer3",
  title: "HelpSteer3",
  files: ["helpsteer3/validation.jsonl.gz"],
  read(row) {
    const { overall_preference: preference } = row.value;
    if (typeof preference !== "number" || !(Math.abs(preference) <= 3)) {
      const found = JSON.stringify(preference) ?? "missing";
      throw new RowFault("unknown-winner", "overall_preference", `is ${found}; give a number from -3 to 3`);
    }
    if (preference === 0)
      throw new RowFault("tie", "overall_preference", "is 0; only rows with a winner can be used");
    const [chosen, rejected] = preference < 0 ? ["response1", "response2"] : ["response2", "response1"];
    const content = answered(promptOf(row.value, ["context"]), row.value, chosen, rejected);
    return [pairItem(row, content, { subset: nameOf(row, "domain") })];
  },
  average: OVER_ITEMS,
};
