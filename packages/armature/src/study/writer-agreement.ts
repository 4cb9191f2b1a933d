import { cohenKappa } from "../evaluation/agreement.ts";
import type { BootstrapSettings, Interval } from "../evaluation/bootstrap.ts";
import { spearman } from "../evaluation/rank-correlation.ts";
import type { Aggregator } from "../reward/aggregate.ts";
import { textSimilarity } from "../rubric/text-similarity.ts";
import { meanOverPrompts, shareOverPrompts } from "./duels.ts";
import { type RubricJudgedPair, SIMILAR } from "./rubric-study.ts";

/** How far two writers' rubrics say the same, by their texts and by what they decide. */
export interface WriterAgreement {
  /** Pairs that both rubrics could score. */
  readonly pairs: number;
  /** Share of them on which both prefer the same response, or both none. */
  readonly sameWinner: Interval | null;
  /** Cohen's kappa of the winners, a tie being a class of its own. */
  readonly kappa: number | null;
  /** Spearman's correlation of the differences of scores. */
  readonly marginCorrelation: number | null;
  /** Share of the first writer's criteria that the second has in other words, and the other way round; mean over prompts. */
  readonly firstInSecond: Interval | null;
  readonly secondInFirst: Interval | null;
}

/** Compares two writers on the same pairs in the same order; each rubric was judged by the same judge. */
export function writerAgreement(
  first: readonly RubricJudgedPair[],
  second: readonly RubricJudgedPair[],
  aggregate: Aggregator,
  settings: BootstrapSettings,
): WriterAgreement {
  const margins = first.flatMap((pair, i) => {
    const [one, other] = [marginOf(pair, aggregate), marginOf(second[i]!, aggregate)];
    return one === null || other === null ? [] : [{ promptId: pair.promptId, one, other }];
  });
  const found = (from: readonly RubricJudgedPair[], to: readonly RubricJudgedPair[]) =>
    meanOverPrompts(
      from.map((pair, i) => ({ promptId: pair.promptId, value: sharedCriteria(pair, to[i]!) })),
      settings,
    );
  return {
    pairs: margins.length,
    sameWinner: shareOverPrompts(
      margins.map(({ promptId, one, other }) => ({
        promptId,
        value: Number(Math.sign(one) === Math.sign(other)),
      })),
      settings,
    ),
    kappa: cohenKappa(margins.map(({ one, other }) => [Math.sign(one) + 0, Math.sign(other) + 0])),
    marginCorrelation: spearman(
      margins.map(({ one }) => one),
      margins.map(({ other }) => other),
    ),
    firstInSecond: found(first, second),
    secondInFirst: found(second, first),
  };
}

function marginOf({ rubric, chosen, rejected }: RubricJudgedPair, aggregate: Aggregator): number | null {
  const [better, worse] = [aggregate(rubric, chosen).score, aggregate(rubric, rejected).score];
  return better === null || worse === null ? null : better - worse;
}

function sharedCriteria({ rubric }: RubricJudgedPair, other: RubricJudgedPair): number | null {
  const { criteria } = rubric;
  if (criteria.length === 0) return null;
  const shared = criteria.filter(({ text }) =>
    other.rubric.criteria.some((twin) => textSimilarity(text, twin.text) >= SIMILAR),
  );
  return shared.length / criteria.length;
}
