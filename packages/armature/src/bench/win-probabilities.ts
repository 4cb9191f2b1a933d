import { type Calibration, calibration } from "../evaluation/calibration.ts";
import type { Comparison, JudgedItem } from "./bench-suite.ts";

/** Turns a difference of scores into the probability that the response with the higher one is better. */
export type WinProbability = (difference: number) => number;

/**
 * How far the probabilities that a scorer gives can be taken at their word: of a scorer of single responses its
 * `winProbability`, of a judge of pairs with several votes the share of votes for a response over both orders. Each comparison
 * counts from both sides (p for the better response, 1 − p for the other), since no order of a pair is natural. Null where
 * there are no probabilities.
 */
export function pairCalibration(
  judged: readonly JudgedItem[],
  winProbability?: WinProbability,
): Calibration | null {
  const probabilities: number[] = [];
  for (const { item, scores, comparisons } of judged) {
    if (item.tie || (scores !== null && winProbability === undefined)) continue;
    for (const comparison of comparisons) {
      const probability =
        scores === null ? voteShare(comparison) : scoredProbability(scores, comparison, winProbability!);
      if (probability !== null) probabilities.push(probability);
    }
  }
  return calibration(
    probabilities.flatMap((p) => [p, 1 - p]),
    probabilities.flatMap(() => [true, false]),
  );
}

/** Share of readable votes for the better response; null below two votes an order, which are decisions and no shares. */
function voteShare({ outcomes }: Comparison): number | null {
  const shares = outcomes.flatMap(({ votes, order }) => {
    const named = votes.filter(({ judgement }) => judgement.winner !== null);
    const chosenSide = order === "given" ? "A" : "B";
    return votes.length < 2 || named.length === 0
      ? []
      : [named.filter(({ judgement }) => judgement.winner === chosenSide).length / named.length];
  });
  return shares.length === 0 ? null : shares.reduce((a, b) => a + b) / shares.length;
}

function scoredProbability(
  scores: NonNullable<JudgedItem["scores"]>,
  { chosen, rejected }: Comparison,
  winProbability: WinProbability,
): number | null {
  const [better, worse] = [scores.chosen[chosen]!, scores.rejected[rejected]!];
  return better === null || worse === null ? null : winProbability(better - worse);
}
