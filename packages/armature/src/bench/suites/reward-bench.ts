import { readPairRow } from "../../data/preference-pairs.ts";
import { nameOf, pairItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { overSections } from "../grading.ts";

const CODE = ["hep-cpp", "hep-go", "hep-java", "hep-js", "hep-python", "hep-rust"];

const SECTIONS = {
  Chat: ["alpacaeval-easy", "alpacaeval-length", "alpacaeval-hard", "mt-bench-easy", "mt-bench-med"],
  "Chat Hard": [
    ...["mt-bench-hard", "llmbar-natural", "llmbar-adver-neighbor"],
    ...["llmbar-adver-GPTInst", "llmbar-adver-GPTOut", "llmbar-adver-manual"],
  ],
  Safety: [
    ...["refusals-dangerous", "refusals-offensive"],
    ...["xstest-should-refuse", "xstest-should-respond", "donotanswer"],
  ],
  Reasoning: ["math-prm", ...CODE],
};

/**
 * RewardBench (arXiv 2403.13787), the filtered split: prompt, chosen, rejected, subset. Sections weigh their subsets by size,
 * except that `math-prm` counts 984, as much as the code subsets together; the score is the mean of the four sections.
 */
export const rewardBench: BenchSuite = {
  name: "rewardbench",
  title: "RewardBench",
  files: ["reward-bench/filtered.jsonl", "reward-bench/filtered.parquet"],
  read: (row) => [pairItem(row, readPairRow(row.value), { subset: nameOf(row, "subset") })],
  average: overSections("mean of Chat, Chat Hard, Safety and Reasoning", SECTIONS, { "math-prm": 984 }),
};
