import { contentId } from "../data/content-id.ts";
import { isRow, RowFault, wrongType } from "../data/row-fields.ts";
import type { Usage } from "../llm/language-model.ts";
import type { Rubric } from "../rubric/rubric.ts";
import type { CriterionVerdict, RatingVerdict } from "./criterion-verdict.ts";

/** A verdict in a file of judgements, with the criterion it is about. */
export type CriterionRow = CriterionVerdict & {
  readonly criterion: string;
  readonly text: string;
  readonly weight: number;
  readonly polarity: "good" | "bad";
};

/** One judged response in a file of judgements. */
export interface JudgementRow {
  /** Of prompt and response: the same response has the same key in every file. */
  readonly key: string;
  /** Of the row it came from, whose place it has among that row's responses, from 0. */
  readonly id: string;
  readonly line: number;
  readonly response: number;
  /** Who wrote the response, where the row says so. */
  readonly model: string | null;
  readonly score: number | null;
  readonly coverage: number;
  readonly verdicts: readonly CriterionRow[];
  readonly rating: RatingVerdict | null;
  /** Of a panel: each member's values, in the panel's order; null where it gave none. */
  readonly panel?: readonly (readonly (number | null)[])[];
  /** HealthBench's score on the criteria of each tag; null for a tag without positive points. */
  readonly tagScores?: Readonly<Record<string, number | null>>;
  readonly usage: Usage;
  readonly judge: string;
  readonly aggregate: string;
}

/** Key of a response to a prompt. */
export function judgementKey(promptId: string, response: string): string {
  return contentId([promptId, response]);
}

/** The verdicts with their criteria. */
export function criterionRows(
  rubric: Rubric,
  verdicts: readonly CriterionVerdict[],
): readonly CriterionRow[] {
  return verdicts.map((verdict, i) => {
    const { id, text, weight, polarity } = rubric.criteria[i]!;
    return { criterion: id, text, weight, polarity, ...verdict };
  });
}

/** Reads what a comparison needs of a row of judgements. @throws RowFault naming the field. */
export function readJudgementRow(row: Readonly<Record<string, unknown>>): JudgementRow {
  const { key, verdicts, score } = row;
  if (typeof key !== "string") throw wrongType(key, "key", "give a file that armature judge wrote");
  if (
    !Array.isArray(verdicts) ||
    !verdicts.every((one) => isRow(one) && typeof one["criterion"] === "string")
  )
    throw wrongType(verdicts, "verdicts", "give a file that armature judge wrote");
  if (score !== null && typeof score !== "number")
    throw new RowFault("wrong-type", "score", "is no number; give a file that armature judge wrote");
  return row as unknown as JudgementRow;
}
