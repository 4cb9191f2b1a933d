import { answered, promptOf } from "../../data/pair-content.ts";
import { RowFault } from "../../data/row-fields.ts";
import { nameOf, pairItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { gradeOrders, OVER_ITEMS } from "../grading.ts";

const CATEGORIES = [
  [/^mmlu-pro/, "knowledge"],
  [/^livebench-reasoning/, "reasoning"],
  [/^livebench-math/, "math"],
  [/^livecodebench/, "coding"],
] as const;

/**
 * JudgeBench (arXiv 2410.12784): question, response_A, response_B, label `A>B` or `B>A`, source. Both orders are judged; a pair
 * counts where more verdicts name the right response than the wrong one.
 */
export const judgeBench: BenchSuite = {
  name: "judgebench",
  title: "JudgeBench",
  files: ["judgebench/gpt.jsonl", "judgebench/claude.jsonl"],
  read(row) {
    const { label } = row.value;
    if (label !== "A>B" && label !== "B>A")
      throw new RowFault(
        "unknown-winner",
        "label",
        `is ${JSON.stringify(label) ?? "missing"}; write A>B or B>A`,
      );
    const [chosen, rejected] = label === "A>B" ? ["response_A", "response_B"] : ["response_B", "response_A"];
    const source = nameOf(row, "source");
    const subset = CATEGORIES.find(([pattern]) => pattern.test(source))?.[1] ?? source;
    return [
      pairItem(row, answered(promptOf(row.value, ["question"]), row.value, chosen, rejected), { subset }),
    ];
  },
  grade: gradeOrders,
  average: OVER_ITEMS,
};
