import type { ScalarModel } from "@armature/engine";
import { type BootstrapSettings, bootstrapMean, type Interval } from "../evaluation/bootstrap.ts";
import type { PairTruth } from "../sandbox/world.ts";
import type { PairSequences } from "./bradley-terry-data.ts";

/** How a scalar model ordered pairs, as it is kept in the run directory. */
export interface ScoreEvaluation {
  /** Flat numbers for `metrics.jsonl`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Share of pairs whose chosen response has the higher score; equal scores are wrong. */
  readonly accuracy: Interval | null;
  /** Of the pairs in which a rule may be broken, and of the others; in the sandbox. */
  readonly byKind?: Readonly<Record<PairTruth["kind"], Interval | null>>;
  /** Per pair. */
  readonly scores: readonly {
    readonly pairId: string;
    readonly chosen: number;
    readonly rejected: number;
  }[];
}

/** Pairs scored by one call. */
const PAIRS_PER_CALL = 128;

/** Scores pairs by the present weights. */
export async function evaluateScores(
  model: ScalarModel,
  pairs: readonly PairSequences[],
  settings: BootstrapSettings & { readonly truths?: ReadonlyMap<string, PairTruth> },
  onProgress?: (done: number, total: number) => void,
): Promise<ScoreEvaluation> {
  const scores: ScoreEvaluation["scores"][number][] = [];
  for (let start = 0; start < pairs.length; start += PAIRS_PER_CALL) {
    const part = pairs.slice(start, start + PAIRS_PER_CALL);
    const found = await model.score(part.flatMap(({ chosen, rejected }) => [chosen, rejected])).result;
    part.forEach(({ pair }, i) => {
      scores.push({ pairId: pair.id, chosen: found[2 * i]!, rejected: found[2 * i + 1]! });
    });
    onProgress?.(scores.length, pairs.length);
  }
  const accuracy = bootstrapMean(pairRights(scores), settings);
  const { truths } = settings;
  const ofKind = (kind: PairTruth["kind"]) =>
    bootstrapMean(pairRights(scores.filter(({ pairId }) => truths?.get(pairId)?.kind === kind)), settings);
  const mean = (value: (score: (typeof scores)[number]) => number) =>
    scores.reduce((sum, score) => sum + value(score), 0) / scores.length;
  return {
    metrics: {
      ...(accuracy && {
        accuracy: accuracy.value,
        accuracyLow: accuracy.low,
        accuracyHigh: accuracy.high,
      }),
      // −ln σ(r⁺ − r⁻), without margins and other terms.
      loss: mean(({ chosen, rejected }) => Math.log1p(Math.exp(rejected - chosen))),
      difference: mean(({ chosen, rejected }) => chosen - rejected),
      chosen: mean(({ chosen }) => chosen),
      rejected: mean(({ rejected }) => rejected),
    },
    accuracy,
    ...(truths && { byKind: { hard: ofKind("hard"), principle: ofKind("principle") } }),
    scores,
  };
}

/** Per pair 1 where the chosen response has the higher score, else 0: the clusters of the bootstrap. */
export function pairRights(scores: ScoreEvaluation["scores"]): readonly (readonly number[])[] {
  return scores.map(({ chosen, rejected }) => [Number(chosen > rejected)]);
}
