import { majorityVerdict, type PairOutcome, type PairVerdict } from "../judge/outcome.ts";
import { mixedOrder } from "../judge/shown-pair.ts";
import { type BootstrapSettings, bootstrapMean, type Interval } from "./bootstrap.ts";

/** How outcomes are scored. */
export interface Scoring {
  /** Only the first so many votes of each outcome count (vote@k from one run); default all. */
  readonly votes?: number;
  /** The better response by pair id where it is not the chosen one, as with noisy labels. */
  readonly trueWinners?: ReadonlyMap<string, "chosen" | "rejected">;
}

/** How well a judge agrees with the true preferences. Shares lie in [0, 1]; null is "not measured", never 0. */
export interface PairAccuracy {
  readonly pairs: number;
  readonly judgements: number;
  /** Over all judgements; with both orders of every pair, the mean of the two. */
  readonly accuracy: Interval | null;
  /** By the order shown. The following five need both orders of every pair. */
  readonly given: Interval | null;
  readonly swapped: Interval | null;
  /** In an order drawn by a coin per pair, as benchmarks are usually run. */
  readonly mixed: Interval | null;
  /** Largest minus smallest of given, swapped and mixed (Rubric-ARM, table 13). */
  readonly positionVariation: number | null;
  /** Share of pairs, scored in both orders, for which both name the same response. */
  readonly orderAgreement: number | null;
  /** Share of scored judgements that choose the response shown first; 0.5 is unbiased when both orders are judged. */
  readonly firstWins: number | null;
  /** Judgements whose votes tie. */
  readonly ties: number;
  readonly parseFailures: number;
  readonly parseFailureRate: number | null;
  /** Judgements that could not be made: too long for the context, or the server failed. In no share above. */
  readonly unjudged: number;
  /** Judgements by a text that is no valid rubric. */
  readonly rubricFaults: number;
}

/**
 * Accuracy of judged outcomes, with bootstrap intervals in which a pair's judgements stay together. A judgement that names
 * the true winner counts 1, the other response 0. **Parse failures and ties count as wrong (0) and are also reported
 * separately**; judgements that could not be made are left out and counted.
 */
export function pairAccuracy(
  outcomes: readonly PairOutcome[],
  settings: BootstrapSettings & Scoring,
): PairAccuracy {
  const judged = outcomes.map((outcome) => score(outcome, settings));
  const byPair = groupByPair(judged);
  const bothOrders = byPair.length > 0 && byPair.every((pair) => orders(pair) === "given swapped");
  const inOrder = (keep: (outcome: Scored) => boolean) =>
    bothOrders
      ? bootstrapMean(
          byPair.map((pair) => valuesOf(pair.filter(keep))),
          settings,
        )
      : null;

  const given = inOrder(({ order }) => order === "given");
  const swapped = inOrder(({ order }) => order === "swapped");
  const mixed = inOrder(({ order, pairId }) => order === mixedOrder(settings.seed, pairId));
  const parts = [given, swapped, mixed].flatMap((interval) => (interval === null ? [] : [interval.value]));
  const scoredTwice = byPair.filter(
    (pair) => pair.length === 2 && pair.every(({ winner }) => winner !== null),
  );
  const scored = judged.filter(({ winner }) => winner !== null);
  const made = judged.filter(({ value }) => value !== null);
  const parseFailures = judged.filter(
    ({ verdict }) => verdict.status === "failed" && verdict.kind === "parse",
  ).length;
  return {
    pairs: byPair.length,
    judgements: judged.length,
    accuracy: bootstrapMean(byPair.map(valuesOf), settings),
    given,
    swapped,
    mixed,
    positionVariation: parts.length === 3 ? Math.max(...parts) - Math.min(...parts) : null,
    orderAgreement: bothOrders ? share(scoredTwice, ([one, other]) => one!.winner === other!.winner) : null,
    firstWins: share(scored, ({ order, winner }) => (order === "given") === (winner === "chosen")),
    ties: judged.filter(({ verdict }) => verdict.status === "abstained").length,
    parseFailures,
    parseFailureRate: made.length === 0 ? null : parseFailures / made.length,
    unjudged: judged.length - made.length,
    rubricFaults: outcomes.filter(({ rubricFault }) => rubricFault !== null).length,
  };
}

/**
 * Per pair, in the order of the pairs judged, 1 or 0 for each judgement that was made: the clusters that
 * `bootstrapDifference` compares between two judges of the same pairs.
 */
export function pairScores(
  outcomes: readonly PairOutcome[],
  scoring: Scoring = {},
): readonly (readonly number[])[] {
  return groupByPair(outcomes.map((outcome) => score(outcome, scoring))).map(valuesOf);
}

interface Scored {
  readonly pairIndex: number;
  readonly pairId: string;
  readonly order: PairOutcome["order"];
  readonly verdict: PairVerdict;
  readonly winner: "chosen" | "rejected" | null;
  /** 1 right, 0 wrong, null not judged. */
  readonly value: number | null;
}

function score(outcome: PairOutcome, { votes, trueWinners }: Scoring): Scored {
  const { pairIndex, pairId, order } = outcome;
  // Without votes the judgement was never made, and its verdict says why.
  const verdict =
    outcome.votes.length === 0 ? outcome.verdict : majorityVerdict(outcome.votes.slice(0, votes), order);
  const winner = verdict.status === "scored" ? verdict.winner : null;
  const unjudged = verdict.status === "failed" && verdict.kind !== "parse";
  const value = unjudged ? null : Number(winner === (trueWinners?.get(pairId) ?? "chosen"));
  return { pairIndex, pairId, order, verdict, winner, value };
}

function groupByPair(judged: readonly Scored[]): readonly (readonly Scored[])[] {
  const groups = new Map<number, Scored[]>();
  for (const outcome of judged) {
    const group = groups.get(outcome.pairIndex);
    if (group) group.push(outcome);
    else groups.set(outcome.pairIndex, [outcome]);
  }
  return [...groups.values()];
}

function orders(pair: readonly Scored[]): string {
  return pair
    .map(({ order }) => order)
    .sort()
    .join(" ");
}

function valuesOf(pair: readonly Scored[]): number[] {
  return pair.flatMap(({ value }) => (value === null ? [] : [value]));
}

function share<T>(items: readonly T[], holds: (item: T) => boolean): number | null {
  return items.length === 0 ? null : items.filter(holds).length / items.length;
}
