import { isRow, type Row, wrongType } from "../data/row-fields.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { CriterionChange, RubricChange } from "./rubric-diff.ts";

/** What is compared of one judged response, as `armature judge` writes it. */
export interface JudgedResponse {
  /** Of prompt and response: the same response has the same key in every file. */
  readonly key: string;
  /** Id of the rubric's item. */
  readonly id: string;
  readonly verdicts: ReadonlyMap<string, CriterionVerdict>;
}

/** What became of the verdicts on one criterion that stands in both rubrics. */
export interface VerdictsChange {
  readonly rubric: string;
  readonly criterion: CriterionChange;
  /** Responses judged on it in both files. */
  readonly compared: number;
  /** Of these, the responses whose verdict differs, with the verdicts in words. */
  readonly changed: readonly { readonly key: string; readonly before: string; readonly after: string }[];
}

/** Degrees that differ by less are the same. */
const SAME = 1e-9;

/**
 * Verdicts on the same responses by two versions of a rubric, criterion by criterion. A criterion is followed by its content,
 * so a new id or place does not hide it.
 */
export function diffVerdicts(
  rubrics: readonly RubricChange[],
  before: readonly JudgedResponse[],
  after: readonly JudgedResponse[],
): readonly VerdictsChange[] {
  const earlier = new Map(before.map((response) => [response.key, response]));
  return rubrics.flatMap((rubric) => {
    const judged = after.filter(({ id }) => id === rubric.id || rubrics.length === 1);
    return rubric.kept.map((criterion): VerdictsChange => {
      const pairs = judged.flatMap(({ key, verdicts }) => {
        const was = earlier.get(key)?.verdicts.get(criterion.before.id);
        const is = verdicts.get(criterion.after.id);
        return was === undefined || is === undefined ? [] : [{ key, was, is }];
      });
      const changed = pairs.filter(({ was, is }) => !isSame(was, is));
      return {
        rubric: rubric.id,
        criterion,
        compared: pairs.length,
        changed: changed.map(({ key, was, is }) => ({
          key,
          before: verdictWord(was),
          after: verdictWord(is),
        })),
      };
    });
  });
}

/** @throws RowFault where the row is none that `armature judge` wrote. */
export function readJudgedResponse(row: Row): JudgedResponse {
  const { key, id, verdicts } = row;
  const mend = "give a file that armature judge wrote";
  if (typeof key !== "string") throw wrongType(key, "key", mend);
  if (typeof id !== "string") throw wrongType(id, "id", mend);
  if (!Array.isArray(verdicts)) throw wrongType(verdicts, "verdicts", mend);
  return {
    key,
    id,
    verdicts: new Map(
      verdicts.map((verdict: unknown, i) => {
        const known = isRow(verdict) && typeof verdict["criterion"] === "string";
        if (!known || typeof verdict["status"] !== "string") throw wrongType(verdict, `verdicts[${i}]`, mend);
        return [verdict["criterion"] as string, verdict as unknown as CriterionVerdict];
      }),
    ),
  };
}

function isSame(a: CriterionVerdict, b: CriterionVerdict): boolean {
  if (a.status === "scored" && b.status === "scored")
    return Math.abs(a.value - b.value) < SAME && a.choice === b.choice;
  return verdictWord(a) === verdictWord(b);
}

/** Yes, no, a degree, the choice, abstained, or failed with its kind. */
function verdictWord(verdict: CriterionVerdict): string {
  if (verdict.status === "failed") return `failed (${verdict.kind})`;
  if (verdict.status === "abstained") return "abstained";
  if (verdict.choice !== undefined) return verdict.choice;
  if (verdict.value === 1) return "yes";
  return verdict.value === 0 ? "no" : String(Number(verdict.value.toFixed(3)));
}
