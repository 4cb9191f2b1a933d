import { pairId } from "../data/content-id.ts";
import type { PreferencePair, Prompt } from "../data/prompt.ts";
import type { BootstrapSettings } from "../evaluation/bootstrap.ts";
import { type LengthControlledWinRate, lengthControlledWinRate } from "../evaluation/length-control.ts";
import { pairAccuracy } from "../evaluation/pair-accuracy.ts";
import { countKinds } from "../generate/count-kinds.ts";
import type { PairOutcome } from "../judge/outcome.ts";

/** One prompt that both policies answered. */
export interface AnsweredTwice {
  readonly prompt: Prompt;
  readonly first: string;
  readonly second: string;
}

/** One prompt in a result. */
export interface WinRateRow {
  readonly promptId: string;
  /** Mean over the orders judged: 1 where the first wins, 0 where the second does, ½ for a draw; null where none was judged. */
  readonly preference: number | null;
  /** Characters. */
  readonly firstLength: number;
  readonly secondLength: number;
}

/** How often the first policy's responses are preferred to the second's; `result.json` is this object. */
export interface PolicyWinRate {
  readonly first: string;
  readonly second: string;
  readonly judge: string;
  readonly seed: number;
  /** Prompts that both answered, and those of them with a preference. */
  readonly prompts: number;
  readonly judged: number;
  /** Equal responses: draws that nobody judged. */
  readonly identical: number;
  /** Null where nothing was judged. */
  readonly winRate: LengthControlledWinRate | null;
  /** Share of prompts where the first's response is the longer one; near 0 or 1 equal lengths lie outside what was seen. */
  readonly longer: number | null;
  readonly meanLengths: readonly [first: number, second: number];
  /** Share of prompts, judged in both orders, for which both name the same response; and of verdicts for the one shown first. */
  readonly orderAgreement: number | null;
  readonly firstShownWins: number | null;
  /** Judgements without a winner, by reason. */
  readonly failed: Readonly<Record<string, number>>;
  readonly rows: readonly WinRateRow[];
}

/** Pairs for a judge, the first policy's response as `chosen`; prompts with equal responses are left out. */
export function winRatePairs(answered: readonly AnsweredTwice[]): readonly PreferencePair[] {
  return answered
    .filter(({ first, second }) => first !== second)
    .map(({ prompt, first, second }) => ({
      id: pairId(prompt.messages, first, second),
      prompt,
      chosen: first,
      rejected: second,
    }));
}

/** What a win rate is made of beside prompts and outcomes. */
export interface WinRateFacts extends BootstrapSettings {
  readonly first: string;
  readonly second: string;
  readonly judge: string;
}

/** Win rate, raw and at equal lengths, from a judge's outcomes on `winRatePairs`. */
export function policyWinRate(
  answered: readonly AnsweredTwice[],
  outcomes: readonly PairOutcome[],
  { first, second, judge, ...settings }: WinRateFacts,
): PolicyWinRate {
  const byPair = new Map<string, PairOutcome[]>();
  for (const outcome of outcomes) {
    const own = byPair.get(outcome.pairId);
    if (own) own.push(outcome);
    else byPair.set(outcome.pairId, [outcome]);
  }
  const rows = answered.map((one): WinRateRow => {
    const own = byPair.get(pairId(one.prompt.messages, one.first, one.second)) ?? [];
    return {
      promptId: one.prompt.id,
      preference: one.first === one.second ? 0.5 : preferenceOf(own),
      firstLength: [...one.first].length,
      secondLength: [...one.second].length,
    };
  });
  const comparisons = rows.flatMap(({ preference, firstLength, secondLength }) =>
    preference === null ? [] : [{ preference, length: firstLength, otherLength: secondLength }],
  );
  const orders = pairAccuracy(outcomes, { ...settings, resamples: 1 });
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    ...{ first, second, judge, seed: settings.seed, prompts: answered.length, judged: comparisons.length },
    identical: answered.filter((one) => one.first === one.second).length,
    winRate: lengthControlledWinRate(comparisons, settings),
    longer:
      comparisons.length === 0
        ? null
        : mean(comparisons.map(({ length, otherLength }) => Number(length > otherLength))),
    meanLengths: [
      mean(rows.map(({ firstLength }) => firstLength)),
      mean(rows.map(({ secondLength }) => secondLength)),
    ],
    orderAgreement: orders.orderAgreement,
    firstShownWins: orders.firstWins,
    failed: countKinds(outcomes.flatMap(({ verdict }) => (verdict.status === "failed" ? verdict.kind : []))),
    rows,
  };
}

function preferenceOf(outcomes: readonly PairOutcome[]): number | null {
  const values = outcomes.flatMap(({ verdict }) => {
    if (verdict.status === "failed") return [];
    return verdict.status === "abstained" ? 0.5 : Number(verdict.winner === "chosen");
  });
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
