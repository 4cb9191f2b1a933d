import type { Contribution, Grader, GroupMean, JudgedItem, SuiteAverage } from "./bench-suite.ts";

/** Every comparison counts by itself, in the group of its item's subset. */
export const gradePairs: Grader = (items) =>
  items.flatMap(({ item, comparisons }, i) =>
    item.tie ? [] : comparisons.map(({ value }) => ({ item: i, group: item.subset, value })),
  );

/**
 * Best of n: 1 where the chosen response scores highest, shared among equal highest scores (RewardBench 2). A judge of pairs
 * must prefer the chosen response to every other.
 */
export const gradeBest: Grader = (items) =>
  items.map((judged, i) => ({ item: i, group: judged.item.subset, value: bestValue(judged) }));

function bestValue({ scores, comparisons }: JudgedItem): number | null {
  if (scores === null) {
    const values = comparisons.map(({ value }) => value);
    return values.includes(null) ? null : Math.min(...(values as number[]));
  }
  const all = [...scores.chosen, ...scores.rejected];
  if (all.includes(null)) return null;
  const highest = Math.max(...(all as number[]));
  return scores.chosen[0] === highest ? 1 / all.filter((score) => score === highest).length : 0;
}

/** Both orders of a pair together: 1 where more of them name the chosen response than the other one (JudgeBench). */
export const gradeOrders: Grader = (items) =>
  items.flatMap(({ item, comparisons }, i) =>
    comparisons.map(({ outcomes, value }) => {
      const lead = outcomes.reduce(
        (sum, { verdict }) =>
          verdict.status === "scored" ? sum + (verdict.winner === "chosen" ? 1 : -1) : sum,
        0,
      );
      return { item: i, group: item.subset, value: value === null ? null : Number(lead > 0) };
    }),
  );

/** Both orders of a pair together: 1 where every verdict names the chosen response (Auto-J's agreement). */
export const gradeEveryOrder: Grader = (items) =>
  items.flatMap(({ item, comparisons }, i) =>
    item.tie
      ? []
      : comparisons.map(({ value }) => ({
          item: i,
          group: item.subset,
          value: value === null ? null : Number(value === 1),
        })),
  );

/** Mean over all items: large groups weigh more. */
export const OVER_ITEMS: SuiteAverage = {
  what: "mean over all items",
  of: (groups) => weightedMean([...groups.values()].map(({ mean, count }) => [mean, count])),
};

/** Plain mean of the groups. */
export const OVER_GROUPS: SuiteAverage = {
  what: "plain mean of the groups",
  of: (groups) => weightedMean([...groups.values()].map(({ mean }) => [mean, 1])),
};

/**
 * Plain mean of sections, each the mean of its groups by their weights (default: their numbers of items). Sections and groups
 * that the data lack are left out.
 */
export function overSections(
  what: string,
  sections: Readonly<Record<string, readonly string[]>>,
  weights: Readonly<Record<string, number>> = {},
): SuiteAverage {
  return {
    what,
    of: (groups) => {
      const means = Object.values(sections).flatMap((names) => {
        const present = names.flatMap((name) => {
          const group = groups.get(name);
          return group === undefined ? [] : [[group.mean, weights[name] ?? group.count] as const];
        });
        const mean = weightedMean(present);
        return mean === null ? [] : [mean];
      });
      return weightedMean(means.map((mean) => [mean, 1]));
    },
  };
}

/** Means of what was measured, by group, in order of first appearance. */
export function groupMeans(contributions: readonly Contribution[]): ReadonlyMap<string, GroupMean> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { group, value } of contributions) {
    if (value === null) continue;
    const found = sums.get(group);
    if (found === undefined) sums.set(group, { sum: value, count: 1 });
    else {
      found.sum += value;
      found.count++;
    }
  }
  return new Map([...sums].map(([group, { sum, count }]) => [group, { mean: sum / count, count }]));
}

function weightedMean(values: readonly (readonly [value: number, weight: number])[]): number | null {
  const total = values.reduce((sum, [, weight]) => sum + weight, 0);
  return total === 0 ? null : values.reduce((sum, [value, weight]) => sum + value * weight, 0) / total;
}
