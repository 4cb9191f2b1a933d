import { readPairRow } from "../../data/preference-pairs.ts";
import { nameOf, pairItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { OVER_ITEMS } from "../grading.ts";

/** EvalBiasBench of OffsetBias (arXiv 2407.06551): pairs that tempt a judge's biases; instruction, response1, response2, label. */
export const evalbiasbench: BenchSuite = {
  name: "evalbiasbench",
  title: "EvalBiasBench",
  files: ["evalbiasbench/evalbiasbench.jsonl.gz"],
  read: (row) => [pairItem(row, readPairRow(row.value), { subset: nameOf(row, "bias") })],
  average: OVER_ITEMS,
};
