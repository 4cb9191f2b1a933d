import type { PairwiseJudgement } from "../judge/judgement.ts";
import { ATTRIBUTE_NAMES, type CriterionName, isRule, RULE_NAMES } from "./lexicon.ts";
import type { Note } from "./note.ts";
import { trueVerdicts } from "./transcript.ts";

/** A judgement with what it was about, in the order shown. */
export interface JudgedNotes {
  readonly judgement: PairwiseJudgement;
  readonly criteria: readonly CriterionName[];
  readonly noteA: Note;
  readonly noteB: Note;
}

/** Verdicts on one criterion where one answer is true. */
export interface VerdictCell {
  readonly criterion: CriterionName;
  readonly truth: boolean;
  readonly verdicts: number;
  /** Share of right verdicts, 0 to 1; NaN without verdicts. */
  readonly right: number;
}

export interface VerdictAccuracy {
  /** Every criterion that can be false, each with both truth values: an average hides a judge that never says no. */
  readonly cells: readonly VerdictCell[];
  readonly rules: number;
  readonly principles: number;
  /** Judgements without readable verdicts, which count nowhere else. */
  readonly unread: number;
}

/** Reads a judge's verdicts against the truth. */
export function verdictAccuracy(judged: readonly JudgedNotes[]): VerdictAccuracy {
  const read = judged.flatMap(({ judgement: { verdicts }, criteria, noteA, noteB }) => {
    if (verdicts === undefined) return [];
    const truth = trueVerdicts(criteria, noteA, noteB);
    return criteria.flatMap((criterion, i) =>
      (["A", "B"] as const).map((side) => ({
        criterion,
        truth: truth[side][i]!,
        right: truth[side][i] === verdicts[side][i],
      })),
    );
  });
  const cells = [...RULE_NAMES, ...ATTRIBUTE_NAMES].flatMap((criterion) =>
    [true, false].map((truth) => {
      const own = read.filter((verdict) => verdict.criterion === criterion && verdict.truth === truth);
      return { criterion, truth, verdicts: own.length, right: rightShare(own) };
    }),
  );
  return {
    cells,
    rules: rightShare(read.filter(({ criterion }) => isRule(criterion))),
    principles: rightShare(read.filter(({ criterion }) => !isRule(criterion))),
    unread: judged.filter(({ judgement }) => judgement.verdicts === undefined).length,
  };
}

function rightShare(verdicts: readonly { readonly right: boolean }[]): number {
  return verdicts.filter(({ right }) => right).length / verdicts.length;
}
