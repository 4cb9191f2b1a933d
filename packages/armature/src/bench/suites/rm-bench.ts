import { promptOf } from "../../data/pair-content.ts";
import { RowFault } from "../../data/row-fields.ts";
import { nameOf, responsesItem, textsOf } from "../bench-item.ts";
import type { BenchSuite, Grader } from "../bench-suite.ts";
import { overSections } from "../grading.ts";

const STYLES = 3;
const LEVELS = ["easy", "normal", "hard"] as const;
const DOMAINS = ["chat", "code", "math", "safety"] as const;

/** A chosen response of plainer style than the rejected one is hard, of the same style normal, of richer style easy. */
const gradeStyles: Grader = (items) =>
  items.flatMap(({ item, comparisons }, i) =>
    comparisons.map(({ chosen, rejected, value }) => {
      const level = chosen < rejected ? "hard" : chosen === rejected ? "normal" : "easy";
      return { item: i, group: `${item.subset} ${level}`, value };
    }),
  );

/**
 * RM-Bench (arXiv 2410.16184): prompt, domain and three chosen and three rejected responses each, in the order concise, detailed
 * plain text, detailed Markdown; nine comparisons an item. The score is the mean over domains of easy, normal and hard.
 */
export const rmBench: BenchSuite = {
  name: "rm-bench",
  title: "RM-Bench",
  files: ["rm-bench/total_dataset.json"],
  read(row) {
    const responses = {
      chosen: textsOf(row.value["chosen"], "chosen"),
      rejected: textsOf(row.value["rejected"], "rejected"),
    };
    for (const [field, side] of Object.entries(responses))
      if (side.length !== STYLES)
        throw new RowFault(
          "wrong-type",
          field,
          `has ${side.length} responses; RM-Bench has one in each of 3 styles`,
        );
    // Two files of one domain: `safety-refuse` and `safety-response`.
    const domain = nameOf(row, "domain").replace(/^safety.*/, "safety");
    return [responsesItem(row, promptOf(row.value, ["prompt"]), responses, { subset: domain })];
  },
  grade: gradeStyles,
  average: overSections(
    "mean over domains of easy, normal and hard",
    Object.fromEntries(DOMAINS.map((domain) => [domain, LEVELS.map((level) => `${domain} ${level}`)])),
    Object.fromEntries(DOMAINS.flatMap((domain) => LEVELS.map((level) => [`${domain} ${level}`, 1]))),
  ),
};
