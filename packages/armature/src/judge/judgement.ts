/** Which of two responses, in the order shown to the judge. */
export type Side = "A" | "B";

/** What a pairwise judge wrote, as read by a dialect. A text without a readable winner has `winner: null`. */
export interface PairwiseJudgement {
  readonly winner: Side | null;
  /** True where every section and every criterion was addressed in the required form. */
  readonly formatOk: boolean;
  /** The first departure from the form; absent where `formatOk`. */
  readonly formatFault?: string;
  /** Per criterion and side, where the dialect states verdicts and the form was kept. */
  readonly verdicts?: { readonly A: readonly boolean[]; readonly B: readonly boolean[] };
}
