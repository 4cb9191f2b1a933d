import { verdictText } from "../judge/judgement-diff.ts";
import type { JudgementRow } from "../judge/judgement-row.ts";
import type { CriterionChange, RubricChange } from "./rubric-diff.ts";

/** What became of the verdicts on one criterion that stands in both rubrics. */
export interface VerdictsChange {
  readonly rubric: string;
  readonly criterion: CriterionChange;
  /** Responses judged on it in both files. */
  readonly compared: number;
  /** Of these, the responses whose verdict differs, by their keys, with the verdicts in words. */
  readonly changed: readonly { readonly key: string; readonly before: string; readonly after: string }[];
}

/**
 * Verdicts on the same responses by two versions of rubrics, criterion by criterion; rows are those of `armature judge`. A
 * criterion is followed by its content, so a new id or place does not hide it (`diffJudgements` goes by ids).
 */
export function diffVerdicts(
  rubrics: readonly RubricChange[],
  before: readonly JudgementRow[],
  after: readonly JudgementRow[],
): readonly VerdictsChange[] {
  const earlier = new Map(before.map((row) => [row.key, verdictsOf(row)]));
  return rubrics.flatMap((rubric) => {
    const judged = after
      .filter(({ id }) => id === rubric.id || rubrics.length === 1)
      .map((row) => ({ key: row.key, verdicts: verdictsOf(row) }));
    return rubric.kept.map((criterion): VerdictsChange => {
      const pairs = judged.flatMap(({ key, verdicts }) => {
        const was = earlier.get(key)?.get(criterion.before.id);
        const is = verdicts.get(criterion.after.id);
        return was === undefined || is === undefined ? [] : [{ key, before: was, after: is }];
      });
      const changed = pairs.filter((pair) => pair.before !== pair.after);
      return { rubric: rubric.id, criterion, compared: pairs.length, changed };
    });
  });
}

/** Verdicts in words by the ids of their criteria. */
function verdictsOf({ verdicts }: JudgementRow): ReadonlyMap<string, string> {
  return new Map(verdicts.map((verdict) => [verdict.criterion, verdictText(verdict)]));
}
