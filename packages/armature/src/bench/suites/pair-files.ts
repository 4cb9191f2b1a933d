import { readPairRow } from "../../data/preference-pairs.ts";
import { fileStem, pairItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { OVER_GROUPS } from "../grading.ts";

/** Any files of preference pairs in a known shape, one group a file. */
export const pairFiles: BenchSuite = {
  name: "pairs",
  title: "preference pairs",
  files: [],
  read: (row) => [pairItem(row, readPairRow(row.value), { subset: fileStem(row) })],
  average: OVER_GROUPS,
};

/** Ordinary chat preferences: UltraFeedback samples, LLaMA-Factory's DPO rows, and Tulu's human evaluation. */
export const preferencePairs: BenchSuite = {
  ...pairFiles,
  name: "preference-pairs",
  title: "chat preference pairs",
  files: [
    "preference-pairs/ultrafeedback_eval.jsonl.gz",
    "preference-pairs/llamafactory_dpo_en.jsonl.gz",
    "preference-pairs/tulu_human_eval.jsonl.gz",
  ],
};
