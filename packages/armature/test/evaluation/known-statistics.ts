import { readFileSync } from "node:fs";
import {
  type AlphaMetric,
  cohenKappa,
  fleissKappa,
  type ItemRatings,
  type KappaWeights,
  krippendorffAlpha,
} from "../../src/evaluation/agreement.ts";
import { bootstrapDifferencePValue } from "../../src/evaluation/bootstrap.ts";
import { calibration } from "../../src/evaluation/calibration.ts";
import { normalQuantile } from "../../src/evaluation/normal-quantile.ts";
import { kendallTauB, pearson, spearman } from "../../src/evaluation/rank-correlation.ts";
import { exactMcNemar, holmAdjusted, wilsonInterval } from "../../src/evaluation/significance.ts";

/** One value of `golden/known-statistics.json` against ours. */
export interface StatisticComparison {
  readonly name: string;
  readonly source: string;
  readonly index: number;
  /** Largest absolute difference of the numbers compared. */
  readonly difference: number;
}

interface GoldenCase {
  readonly name: string;
  readonly source: string;
  readonly inputs: unknown;
  readonly value: number | readonly number[];
}

interface TwoLists {
  readonly one: number[];
  readonly other: number[];
}

/** How each statistic is computed from the inputs of a case. */
const STATISTICS: Readonly<Record<string, (inputs: never) => number | null | readonly (number | null)[]>> = {
  wilson: ({ successes, trials, level }: Record<string, number>) => {
    const interval = wilsonInterval(successes!, trials!, level!)!;
    return [interval.low, interval.high];
  },
  normalQuantile: ({ p }: { p: number }) => normalQuantile(p),
  mcNemar: ({ first, second }: Record<"first" | "second", number[]>) =>
    exactMcNemar(first.map(Boolean), second.map(Boolean)).p,
  holm: ({ p }: { p: number[] }) => holmAdjusted(p),
  cohenKappa: ({ one, other, weights }: TwoLists & { weights: KappaWeights }) =>
    cohenKappa(
      one.map((a, i) => [a, other[i]!]),
      weights,
    ),
  fleissKappa: ({ items }: { items: ItemRatings[] }) => fleissKappa(items),
  krippendorffAlpha: ({ items, level }: { items: ItemRatings[]; level: AlphaMetric }) =>
    krippendorffAlpha(items, level),
  pearson: ({ one, other }: TwoLists) => pearson(one, other),
  spearman: ({ one, other }: TwoLists) => spearman(one, other),
  kendallTauB: ({ one, other }: TwoLists) => kendallTauB(one, other),
  calibration: ({ p, happened, bins }: { p: number[]; happened: number[]; bins: number }) => {
    const { ece, brier } = calibration(p, happened.map(Boolean), bins)!;
    return [ece, brier];
  },
  bootstrapPValue: ({ before, after }: Record<"before" | "after", number[]>) => {
    const clusters = (values: number[]) => values.map((value) => [value]);
    return bootstrapDifferencePValue(clusters(before), clusters(after), { seed: 1, resamples: 200_000 });
  },
};

/** Every golden case compared; a value that is null here and a number there differs by NaN. */
export function knownStatistics(): readonly StatisticComparison[] {
  const file = new URL("../golden/known-statistics.json", import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: readonly GoldenCase[] };
  return cases.map(({ name, source, inputs, value }, index) => {
    const ours = [STATISTICS[name]!(inputs as never)].flat();
    const theirs = [value].flat();
    const differences = theirs.map((number, i) => Math.abs((ours[i] ?? Number.NaN) - number));
    return { name, source, index, difference: Math.max(...differences) };
  });
}
