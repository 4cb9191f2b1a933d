import { contentId, promptId } from "../../data/content-id.ts";
import { promptOf } from "../../data/pair-content.ts";
import type { JsonlRow } from "../../data/read-jsonl.ts";
import { textOf, wrongType } from "../../data/row-fields.ts";
import { nameOf } from "../bench-item.ts";
import type { BenchItem, BenchSuite } from "../bench-suite.ts";
import { OVER_ITEMS } from "../grading.ts";

/**
 * InfoBench (arXiv 2401.03601) as pairs: rows of its published evaluations, instruction, input, subset, output and `eval` (one
 * boolean a decomposed question), several answers a prompt over rows and files.
 */
export const infoBench: BenchSuite = {
  name: "infobench",
  title: "InfoBench as pairs",
  files: [],
  read: (row) => [answerPart(row, promptOf(row.value, ["instruction", "input"]), nameOf(row, "subset"))],
  join: joinAnswers,
  average: OVER_ITEMS,
};

/**
 * FollowBench (arXiv 2310.20410) as pairs: its rows (category, level, instruction) with output and `eval` (one boolean a
 * constraint) beside them.
 */
export const followBench: BenchSuite = {
  name: "followbench",
  title: "FollowBench as pairs",
  files: [],
  read(row) {
    const { category, level } = row.value;
    const kind = textOf(category, "category").split(",")[0]!.trim();
    if (typeof level !== "number") throw wrongType(level, "level", "give the number of constraints");
    return [answerPart(row, promptOf(row.value, ["instruction"]), `${kind}, level ${level}`)];
  },
  join: joinAnswers,
  average: OVER_ITEMS,
};

/** An answer that a verifier checked: the better side where every check passed, else the worse one. */
function answerPart(row: JsonlRow, messages: BenchItem["prompt"]["messages"], subset: string): BenchItem {
  const { eval: checks, model } = row.value;
  if (!Array.isArray(checks) || checks.length === 0 || !checks.every((one) => typeof one === "boolean"))
    throw wrongType(checks, "eval", "give a list of booleans, one a requirement");
  const answer = textOf(row.value["output"], "output");
  const passed = checks.every(Boolean);
  const id = promptId(messages);
  return {
    // Answers of one model are compared with each other, as in Rubric-ARM's conversion.
    id: contentId([id, model === undefined ? null : textOf(model, "model")]),
    prompt: { id, messages },
    chosen: passed ? [answer] : [],
    rejected: passed ? [] : [answer],
    subset,
    source: { file: row.file, line: row.line },
  };
}

/**
 * Answers of one prompt and model together (Rubric-ARM, section 5: two responses of one model, the benchmark's verifier marks
 * which of them violates constraints). Prompts whose answers all pass, or all fail, make no pair.
 */
function joinAnswers(parts: readonly BenchItem[]): readonly BenchItem[] {
  const joined = new Map<string, BenchItem>();
  for (const part of parts) {
    const known = joined.get(part.id);
    joined.set(part.id, {
      ...(known ?? part),
      chosen: [...new Set([...(known?.chosen ?? []), ...part.chosen])],
      rejected: [...new Set([...(known?.rejected ?? []), ...part.rejected])],
    });
  }
  return [...joined.values()]
    .filter(({ chosen, rejected }) => chosen.length > 0 && rejected.length > 0)
    .map((item) => ({ ...item, id: contentId([item.prompt.id, item.chosen, item.rejected]) }));
}
