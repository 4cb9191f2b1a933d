import { readPairRow } from "../../data/preference-pairs.ts";
import { nameOf, pairItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { OVER_GROUPS, OVER_ITEMS } from "../grading.ts";

/** Harmless-base test of Anthropic's HH-RLHF (arXiv 2204.05862): human preferences between two ends of a transcript. */
export const hhRlhf: BenchSuite = {
  name: "hh-rlhf",
  title: "HH-RLHF harmless-base",
  files: ["hh-rlhf/harmless_base_test.jsonl.gz"],
  read: (row) => [pairItem(row, readPairRow(row.value), { subset: "harmless-base" })],
  average: OVER_ITEMS,
};

/** HHH alignment (Askell et al. 2021): helpful, honest, harmless, other; prompt, chosen, rejected, source. */
export const hhh: BenchSuite = {
  name: "hhh",
  title: "HHH alignment",
  files: ["hh-rlhf/hhh_alignment.jsonl.gz"],
  read: (row) => [pairItem(row, readPairRow(row.value), { subset: nameOf(row, "source") })],
  average: OVER_GROUPS,
};
