import type { PairScorer } from "../bench/bench-scorer.ts";
import type { JudgeItemsOptions } from "../bench/judge-items.ts";
import type { PreferencePair } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { BootstrapSettings, Interval } from "../evaluation/bootstrap.ts";
import { type PairAccuracy, pairAccuracy } from "../evaluation/pair-accuracy.ts";
import type { PairOutcome } from "../judge/outcome.ts";
import { shareOverPrompts } from "./duels.ts";

/** What the place of a response does to verdicts. */
export interface PositionStudy {
  readonly scorer: string;
  /** Both orders of every pair. */
  readonly accuracy: PairAccuracy;
  /** Shares of pairs with a winner in both orders. */
  readonly bothOrders: {
    readonly pairs: number;
    readonly right: Interval | null;
    readonly wrong: Interval | null;
    readonly first: Interval | null;
    readonly second: Interval | null;
  };
  /** Of verdicts on one response shown twice: the first is preferred (ties half), neither is. 0.5 and 1 are unbiased. */
  readonly sameTwice: {
    readonly responses: number;
    readonly first: Interval | null;
    readonly ties: Interval | null;
  };
}

/**
 * Shows every pair in both orders, and the better response of each twice. Throws `ConfigError` for a judge that does not judge
 * both orders.
 */
export async function studyPosition(
  pairs: readonly PreferencePair[],
  scorer: PairScorer,
  { onProgress, ...settings }: BootstrapSettings & Pick<JudgeItemsOptions, "onProgress">,
): Promise<PositionStudy> {
  const twins = pairs.map((pair) => ({ ...pair, id: `${pair.id} twice`, rejected: pair.chosen }));
  const outcomes = await scorer.judge([...pairs, ...twins], onProgress);
  const own = outcomes.filter(({ pairIndex }) => pairIndex < pairs.length);
  const accuracy = pairAccuracy(own, settings);
  if (accuracy.given === null)
    throw new ConfigError("position needs verdicts in both orders; give --order both, or leave it out");
  const winners = pairs.map((pair, place) => {
    const [given, swapped] = (["given", "swapped"] as const).map((order) =>
      winnerOf(own.find((outcome) => outcome.pairIndex === place && outcome.order === order)),
    );
    return { promptId: pair.prompt.id, given: given!, swapped: swapped! };
  });
  const decided = winners.filter(({ given, swapped }) => given !== null && swapped !== null);
  const share = (given: string, swapped: string) =>
    shareOverPrompts(
      decided.map((one) => ({
        promptId: one.promptId,
        value: Number(one.given === given && one.swapped === swapped),
      })),
      settings,
    );
  const twice = outcomes.filter(({ pairIndex }) => pairIndex >= pairs.length);
  const over = (read: (outcome: PairOutcome) => number | null) =>
    shareOverPrompts(
      twice.map((outcome) => ({
        promptId: pairs[outcome.pairIndex - pairs.length]!.prompt.id,
        value: read(outcome),
      })),
      settings,
    );
  return {
    scorer: scorer.id,
    accuracy,
    bothOrders: {
      pairs: decided.length,
      right: share("chosen", "chosen"),
      wrong: share("rejected", "rejected"),
      first: share("chosen", "rejected"),
      second: share("rejected", "chosen"),
    },
    sameTwice: {
      responses: pairs.length,
      first: over(({ verdict, order }) => {
        if (verdict.status !== "scored") return verdict.status === "abstained" ? 0.5 : null;
        return Number((order === "given") === (verdict.winner === "chosen"));
      }),
      ties: over(({ verdict }) =>
        verdict.status === "failed" ? null : Number(verdict.status === "abstained"),
      ),
    },
  };
}

function winnerOf(outcome: PairOutcome | undefined): "chosen" | "rejected" | null {
  return outcome?.verdict.status === "scored" ? outcome.verdict.winner : null;
}
