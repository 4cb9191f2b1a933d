import { promptOf } from "../../data/pair-content.ts";
import { RowFault, textOf } from "../../data/row-fields.ts";
import { nameOf, responsesItem, textsOf } from "../bench-item.ts";
import type { BenchSuite, Contribution, Grader, JudgedItem } from "../bench-suite.ts";
import { gradeBest, OVER_GROUPS } from "../grading.ts";

const TIES = /^ties$/i;

/** Parts of the ties score and their weights. */
const PARTS = {
  "Ties: tied prompts right": 0.3,
  "Ties: reference prompts right": 0.3,
  "Ties: gap above spread": 0.2,
  "Ties: both gaps above spread": 0.2,
  "Ties: margin": 0.01,
} as const;

/**
 * RewardBench 2 (arXiv 2506.01937): prompt, chosen and rejected lists, subset, id. Best of four; in the subset Ties a prompt has
 * many right answers (`tied:N`) or one (`ref:N`), and every right one must outscore every wrong one while right ones lie close
 * together. The score is the mean of the subsets.
 */
export const rewardBench2: BenchSuite = {
  name: "rewardbench-2",
  title: "RewardBench 2",
  files: ["reward-bench-2/test.jsonl", "reward-bench-2/test.parquet"],
  read(row) {
    const subset = nameOf(row, "subset");
    const responses = {
      chosen: textsOf(row.value["chosen"], "chosen"),
      rejected: textsOf(row.value["rejected"], "rejected"),
    };
    const suiteId = textOf(row.value["id"], "id");
    if (TIES.test(subset) && !/^(ref|tied):\d+$/.test(suiteId))
      throw new RowFault(
        "wrong-type",
        "id",
        `is ${JSON.stringify(suiteId)}; rows of Ties are ref:N or tied:N`,
      );
    return [responsesItem(row, promptOf(row.value, ["prompt"]), responses, { subset, suiteId })];
  },
  grade: (items) => [
    ...gradeBest(items).filter(({ item }) => !TIES.test(items[item]!.item.subset)),
    ...gradeTies(items),
  ],
  average: {
    what: "mean of the subsets; Ties is 0.3 tied right + 0.3 reference right + 0.2 gap above spread + 0.2 both gaps + 0.01 margin",
    of(groups) {
      const parts = Object.entries(PARTS).flatMap(([part, weight]) => {
        const group = groups.get(part);
        return group === undefined ? [] : [weight * group.mean];
      });
      const subsets = new Map([...groups].filter(([name]) => !(name in PARTS)));
      if (parts.length > 0) subsets.set("Ties", { mean: parts.reduce((a, b) => a + b), count: parts.length });
      return OVER_GROUPS.of(subsets);
    },
  },
};

/** Best and worst right answer, best wrong one; null without all scores. */
interface TieScores {
  readonly item: number;
  readonly spread: number;
  /** Worst right answer less the best wrong one. */
  readonly gap: number;
}

/** The ties score of the published evaluation. It needs scores: a judge of pairs has none, and its rows are not measured. */
const gradeTies: Grader = (items) => {
  const found = { ref: new Map<string, TieScores | null>(), tied: new Map<string, TieScores | null>() };
  const contributions: Contribution[] = [];
  for (const [i, judged] of items.entries()) {
    if (!TIES.test(judged.item.subset)) continue;
    const [kind, prompt] = judged.item.suiteId!.split(":") as ["ref" | "tied", string];
    const scores = tieScores(judged, i);
    found[kind].set(prompt, scores);
    contributions.push({
      item: i,
      group: kind === "tied" ? "Ties: tied prompts right" : "Ties: reference prompts right",
      value: scores === null ? null : Number(scores.gap > 0),
    });
  }
  for (const [prompt, tied] of found.tied) {
    const reference = found.ref.get(prompt) ?? null;
    if (tied === null || reference === null) continue;
    const gap = Math.min(tied.gap, reference.gap);
    const margin = Math.tanh(gap / tied.spread - 1);
    contributions.push(
      { item: tied.item, group: "Ties: gap above spread", value: Number(tied.gap > tied.spread) },
      { item: tied.item, group: "Ties: both gaps above spread", value: Number(gap > tied.spread) },
      { item: tied.item, group: "Ties: margin", value: Number.isNaN(margin) ? 0 : margin },
    );
  }
  return contributions;
};

function tieScores({ scores }: JudgedItem, item: number): TieScores | null {
  if (scores === null || scores.chosen.includes(null) || scores.rejected.includes(null)) return null;
  const [right, wrong] = [scores.chosen as number[], scores.rejected as number[]];
  const worst = Math.min(...right);
  return { item, spread: Math.max(...right) - worst, gap: worst - Math.max(...wrong) };
}
