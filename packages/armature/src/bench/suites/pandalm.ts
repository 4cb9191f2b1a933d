import { answered, promptOf } from "../../data/pair-content.ts";
import { RowFault } from "../../data/row-fields.ts";
import { pairItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { OVER_ITEMS } from "../grading.ts";

const ANNOTATORS = ["annotator1", "annotator2", "annotator3"] as const;

/**
 * PandaLM's human test set (arXiv 2306.05087): instruction, input, response1, response2 and three annotators who each say 1, 2
 * or 0 (tie). The majority is the label; items whose majority is a tie or that have none count for agreement only.
 */
export const pandalm: BenchSuite = {
  name: "pandalm",
  title: "PandaLM human annotations",
  files: ["pandalm/testset.jsonl.gz"],
  read(row) {
    const said = ANNOTATORS.map((field) => {
      const value = Number(row.value[field]);
      if (value === 0 || value === 1 || value === 2) return value;
      const found = JSON.stringify(row.value[field]) ?? "missing";
      throw new RowFault("unknown-winner", field, `is ${found}; write 0 (tie), 1 or 2`);
    });
    const majority = [0, 1, 2].find((value) => said.filter((one) => one === value).length >= 2) ?? 0;
    const [chosen, rejected] = majority === 2 ? ["response2", "response1"] : ["response1", "response2"];
    const texts = {
      ...row.value,
      response1: asText(row.value["response1"]),
      response2: asText(row.value["response2"]),
    };
    const content = answered(promptOf(row.value, ["instruction", "input"]), texts, chosen, rejected);
    return [
      pairItem(row, content, {
        subset: "pandalm",
        annotations: { said: said.map((value) => [0, 1, -1][value]!), chosenFirst: majority !== 2 },
        ...(majority === 0 && { tie: true }),
      }),
    ];
  },
  average: OVER_ITEMS,
};

/** The published file has answers such as `True` and `4` as values of their own type. */
function asText(value: unknown): unknown {
  return typeof value === "boolean" || typeof value === "number" ? String(value) : value;
}
