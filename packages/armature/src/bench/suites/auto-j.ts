import { answered, promptOf } from "../../data/pair-content.ts";
import { RowFault } from "../../data/row-fields.ts";
import { nameOf, pairItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { gradeEveryOrder, OVER_ITEMS } from "../grading.ts";

/**
 * Auto-J's pairwise test (arXiv 2310.05470): scenario, prompt, `response 1`, `response 2` and label 0 (the first is better), 1
 * (the second) or 2 (a tie). A judge of pairs must be right in both orders. Published agreement counts ties as a third answer;
 * here they count for the agreement with the annotator and not for the accuracy.
 */
export const autoJ: BenchSuite = {
  name: "auto-j",
  title: "Auto-J pairwise",
  files: ["auto-j/testdata_pairwise.jsonl", "auto-j/testdata_pairwise.jsonl.gz"],
  read(row) {
    const { label } = row.value;
    if (label !== 0 && label !== 1 && label !== 2) {
      const found = JSON.stringify(label) ?? "missing";
      throw new RowFault("unknown-winner", "label", `is ${found}; write 0 (first), 1 (second) or 2 (tie)`);
    }
    const [chosen, rejected] = label === 1 ? ["response 2", "response 1"] : ["response 1", "response 2"];
    const content = answered(promptOf(row.value, ["prompt"]), row.value, chosen, rejected);
    return [
      pairItem(row, content, {
        subset: nameOf(row, "scenario"),
        annotations: { said: [[1, -1, 0][label]!], chosenFirst: label !== 1 },
        ...(label === 2 && { tie: true }),
      }),
    ];
  },
  grade: gradeEveryOrder,
  average: OVER_ITEMS,
};
