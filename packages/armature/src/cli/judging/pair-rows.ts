import type { PreferencePair } from "../../data/prompt.ts";
import type { PairOutcome } from "../../judge/outcome.ts";
import { numberText } from "../../run/report-number.ts";

/** One line of the verdict file. `winner` is null where nothing was decided; `status` and `detail` say why. */
export function verdictRow(outcome: PairOutcome, pairs: readonly PreferencePair[]): object {
  const { verdict, votes, pairIndex, pairId, order, rubric, rubricFault } = outcome;
  return {
    pair: pairId,
    line: pairs[pairIndex]!.source?.line ?? null,
    order,
    ...verdict,
    winner: verdict.status === "scored" ? verdict.winner : null,
    rubric,
    ...(rubricFault !== null && { rubricFault }),
    judgements: votes.map(({ text, judgement }) => ({
      text,
      winner: judgement.winner,
      formatOk: judgement.formatOk,
    })),
  };
}

/** Numbers of outcomes. */
export interface OutcomeCounts {
  readonly judgements: number;
  readonly chosen: number;
  readonly rejected: number;
  readonly abstained: number;
  readonly failed: number;
}

/** Outcomes by what became of them. */
export function countOutcomes(outcomes: readonly PairOutcome[]): OutcomeCounts {
  const count = (holds: (outcome: PairOutcome) => boolean) => outcomes.filter(holds).length;
  const won = (winner: string) =>
    count(({ verdict }) => verdict.status === "scored" && verdict.winner === winner);
  return {
    judgements: outcomes.length,
    chosen: won("chosen"),
    rejected: won("rejected"),
    abstained: count(({ verdict }) => verdict.status === "abstained"),
    failed: count(({ verdict }) => verdict.status === "failed"),
  };
}

/** The counts as shares, in one line. */
export function outcomeLine({ judgements, chosen, rejected, abstained, failed }: OutcomeCounts): string {
  const share = (value: number) => numberText(value / judgements, "percent");
  return `${judgements} judgements: chosen wins ${share(chosen)}, rejected wins ${share(rejected)}, abstained ${share(abstained)}, failed ${share(failed)}`;
}
