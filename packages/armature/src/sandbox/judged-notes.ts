import type { PairOutcome } from "../judge/outcome.ts";
import { readLines } from "./rubric-language.ts";
import type { JudgedNotes } from "./verdict-accuracy.ts";
import type { PairTruth } from "./world.ts";

/** Outcomes with the notes and criteria that they were about, in the order shown; a rubric without form has none. */
export function judgedNotes(
  outcomes: readonly PairOutcome[],
  truths: ReadonlyMap<string, PairTruth>,
): JudgedNotes[] {
  return outcomes.flatMap(({ rubric, pairId, order, votes }) => {
    const lines = readLines(rubric);
    if (!lines.ok) return [];
    const { chosen, rejected } = truths.get(pairId)!;
    const [noteA, noteB] = order === "given" ? [chosen, rejected] : [rejected, chosen];
    return votes.map(({ judgement }) => ({ judgement, criteria: lines.names, noteA, noteB }));
  });
}
