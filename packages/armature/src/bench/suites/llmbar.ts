import { readPairRow } from "../../data/preference-pairs.ts";
import { nameOf, pairItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { OVER_GROUPS } from "../grading.ts";

/** LLMBar (arXiv 2310.07641): input, output_1, output_2, label 1 or 2; the worse answer of the adversarial sets looks better. */
export const llmbar: BenchSuite = {
  name: "llmbar",
  title: "LLMBar",
  files: ["llmbar/llmbar.jsonl.gz"],
  read: (row) => [pairItem(row, readPairRow(row.value), { subset: nameOf(row, "subset") })],
  average: OVER_GROUPS,
};
