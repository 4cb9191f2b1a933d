import type { FailureKind } from "../failure.ts";
import type { PairwiseJudgement } from "./judgement.ts";
import type { Order } from "./shown-pair.ts";

/** One judgement that was sampled. */
export interface Vote {
  readonly text: string;
  /** True where the text stops at the length limit. */
  readonly cutOff: boolean;
  readonly judgement: PairwiseJudgement;
}

/** What a judge decided about a pair. Votes that tie abstain; a failure is data, never a decision. */
export type PairVerdict =
  | { readonly status: "scored"; readonly winner: "chosen" | "rejected" }
  | { readonly status: "abstained" }
  | { readonly status: "failed"; readonly kind: FailureKind; readonly detail: string };

/** A pair as judged in one order. */
export interface PairOutcome {
  /** Place of the pair in the list that was judged. */
  readonly pairIndex: number;
  readonly pairId: string;
  readonly order: Order;
  readonly rubric: string;
  /** Why the rubric text is no rubric; it is shown to the judge all the same. */
  readonly rubricFault: string | null;
  readonly votes: readonly Vote[];
  /** The majority of all votes. */
  readonly verdict: PairVerdict;
}

/**
 * The majority of the votes that name a winner (voting@k, Rubric-ARM section 4.3). Unreadable votes do not count; where all
 * are unreadable, the verdict is a parse failure that tells the first one's fault. No votes are no majority: give at least one.
 */
export function majorityVerdict(votes: readonly Vote[], order: Order): PairVerdict {
  const chosenSide = order === "given" ? "A" : "B";
  const named = votes.filter(({ judgement }) => judgement.winner !== null);
  if (named.length === 0) return { status: "failed", kind: "parse", detail: parseDetail(votes[0]) };
  const forChosen = named.filter(({ judgement }) => judgement.winner === chosenSide).length;
  if (2 * forChosen === named.length) return { status: "abstained" };
  return { status: "scored", winner: 2 * forChosen > named.length ? "chosen" : "rejected" };
}

function parseDetail(vote: Vote | undefined): string {
  const fault = vote?.judgement.formatFault ?? "no winner";
  return vote?.cutOff ? `cut off at the length limit; ${fault}` : fault;
}
