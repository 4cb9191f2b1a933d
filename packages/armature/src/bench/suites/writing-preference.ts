import { answered, promptOf } from "../../data/pair-content.ts";
import { isRow } from "../../data/row-fields.ts";
import { nameOf, pairItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { OVER_ITEMS } from "../grading.ts";

/**
 * WritingPreferenceBench: prompt, chosen and rejected as `{text, score, length}`, genre, language. Groups are the genres; the
 * average is over all items, as in Rubric-ARM's table 12.
 */
export const writingPreference: BenchSuite = {
  name: "writing-preference",
  title: "WritingPreferenceBench",
  files: ["writing-preference-bench/test.jsonl", "writing-preference-bench/test.parquet"],
  read(row) {
    const { chosen, rejected } = row.value;
    const texts = { ...row.value, chosen: textOfAnswer(chosen), rejected: textOfAnswer(rejected) };
    const content = answered(promptOf(row.value, ["prompt"]), texts, "chosen", "rejected");
    return [pairItem(row, content, { subset: nameOf(row, "genre") })];
  },
  average: OVER_ITEMS,
};

function textOfAnswer(value: unknown): unknown {
  return isRow(value) && "text" in value ? value["text"] : value;
}
