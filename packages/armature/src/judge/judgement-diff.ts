import type { RatingVerdict } from "./criterion-verdict.ts";
import type { CriterionRow, JudgementRow } from "./judgement-row.ts";

/** What became of one verdict. `before` and `after` in words: yes, no, a degree, a choice, abstained, failed with its kind. */
export interface VerdictChange {
  readonly row: JudgementRow;
  readonly criterion: string;
  readonly text: string;
  readonly before: string;
  readonly after: string;
}

/** What became of one score. */
export interface ScoreChange {
  readonly row: JudgementRow;
  readonly before: number | null;
  readonly after: number | null;
}

/** Two judgements of the same responses, compared. */
export interface JudgementDiff {
  /** Responses in both files, and those in one only. */
  readonly compared: number;
  readonly added: number;
  readonly gone: number;
  /** Verdicts compared, by criteria of one id. */
  readonly verdicts: number;
  readonly changes: readonly VerdictChange[];
  readonly scores: readonly ScoreChange[];
  /** Mean of after − before where both have a score; null where none has. */
  readonly meanDifference: number | null;
}

/** A degree that differs by less is the same. */
const SAME = 1e-9;

/** Compares judgements criterion by criterion. Responses are found by their keys, criteria by their ids. */
export function diffJudgements(
  before: readonly JudgementRow[],
  after: readonly JudgementRow[],
): JudgementDiff {
  const old = new Map(before.map((row) => [row.key, row]));
  const pairs = after.flatMap((row) => {
    const earlier = old.get(row.key);
    return earlier === undefined ? [] : [[earlier, row] as const];
  });
  const verdicts = pairs.flatMap(([earlier, row]) => sameCriteria(earlier, row));
  const scores = pairs.map(([earlier, row]) => ({ row, before: earlier.score, after: row.score }));
  const differences = scores.flatMap((one) =>
    one.before === null || one.after === null ? [] : [one.after - one.before],
  );
  const now = new Set(after.map(({ key }) => key));
  return {
    compared: pairs.length,
    added: after.length - pairs.length,
    gone: before.filter(({ key }) => !now.has(key)).length,
    verdicts: verdicts.length,
    changes: verdicts.filter((one) => one.before !== one.after),
    scores: scores.filter((one) => scoreDiffers(one.before, one.after)),
    meanDifference:
      differences.length === 0 ? null : differences.reduce((sum, one) => sum + one, 0) / differences.length,
  };
}

function sameCriteria(earlier: JudgementRow, row: JudgementRow): VerdictChange[] {
  const old = new Map(earlier.verdicts.map((verdict) => [verdict.criterion, verdict]));
  const changes = row.verdicts.flatMap((verdict): VerdictChange[] => {
    const was = old.get(verdict.criterion);
    if (was === undefined) return [];
    const { criterion, text } = verdict;
    return [{ row, criterion, text, before: verdictText(was), after: verdictText(verdict) }];
  });
  if (row.rating === null || (earlier.rating ?? null) === null) return changes;
  const [before, after] = [ratingText(earlier.rating!), ratingText(row.rating)];
  return [...changes, { row, criterion: "rating", text: "the response as a whole", before, after }];
}

function scoreDiffers(before: number | null, after: number | null): boolean {
  return before === null || after === null ? before !== after : Math.abs(after - before) > SAME;
}

/** A verdict in a word or two. */
export function verdictText(verdict: CriterionRow): string {
  if (verdict.status === "failed") return `failed (${verdict.kind})`;
  if (verdict.status === "abstained") return "abstained";
  if (verdict.choice !== undefined) return verdict.choice;
  if (verdict.value === 1) return "yes";
  return verdict.value === 0 ? "no" : String(Number(verdict.value.toFixed(3)));
}

function ratingText(rating: RatingVerdict): string {
  if (rating.status === "scored") return String(Number(rating.rating.toFixed(3)));
  return rating.status === "failed" ? `failed (${rating.kind})` : "abstained";
}
