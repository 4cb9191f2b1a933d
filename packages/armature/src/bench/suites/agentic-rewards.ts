import { readPairRow } from "../../data/preference-pairs.ts";
import type { JsonlRow } from "../../data/read-jsonl.ts";
import { fileStem, nameOf, pairItem } from "../bench-item.ts";
import type { BenchItem, BenchSuite } from "../bench-suite.ts";
import { OVER_GROUPS, OVER_ITEMS } from "../grading.ts";

/** Rows of Agentic Reward Modeling (arXiv 2502.19328): text_chosen and text_rejected as conversations, domain. */
const read = (row: JsonlRow, subset: string): readonly BenchItem[] => [
  pairItem(row, readPairRow(row.value), { subset }),
];

/** IFBench for reward models: the rejected answer violates a constraint; levels 1 to 3 by the number of constraints. */
export const ifbenchRm: BenchSuite = {
  name: "ifbench-rm",
  title: "IFBench for reward models",
  files: ["ifbench-rm/ifbench_pairs.jsonl.gz"],
  read: (row) => read(row, nameOf(row, "domain")),
  average: OVER_ITEMS,
};

/** The chat pairs of RM-Bench in two of its three difficulties, told by the files' names. */
export const rmBenchChat: BenchSuite = {
  name: "rm-bench-chat",
  title: "RM-Bench chat, normal and hard",
  files: ["ifbench-rm/rmbench_chat_normal_pairs.jsonl.gz", "ifbench-rm/rmbench_chat_hard_pairs.jsonl.gz"],
  read: (row) => read(row, /hard/.test(fileStem(row)) ? "hard" : "normal"),
  average: OVER_GROUPS,
};

/** The knowledge pairs of JudgeBench; the groups are the models that wrote the answers. */
export const judgeBenchKnowledge: BenchSuite = {
  name: "judgebench-knowledge",
  title: "JudgeBench knowledge",
  files: ["ifbench-rm/judgebench_knowledge_pairs.jsonl.gz"],
  read: (row) => read(row, nameOf(row, "domain")),
  average: OVER_ITEMS,
};
