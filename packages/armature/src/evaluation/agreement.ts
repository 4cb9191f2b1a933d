import { ConfigError } from "../errors.ts";

/** What several raters said of one item, in the raters' order; null where a rater said nothing. Equal values agree. */
export type ItemRatings = readonly (string | number | null)[];

/**
 * Share of pairs of ratings of one item that agree, over all items; 0 to 1. Null where no item has two ratings.
 */
export function percentAgreement(items: readonly ItemRatings[]): number | null {
  let [agreeing, pairs] = [0, 0];
  for (const item of items) {
    const values = item.filter((value) => value !== null);
    pairs += (values.length * (values.length - 1)) / 2;
    for (const count of countsOf(values).values()) agreeing += (count * (count - 1)) / 2;
  }
  return pairs === 0 ? null : agreeing / pairs;
}

/**
 * Cohen's kappa of two raters (1960): (p_o − p_e) / (1 − p_e) over the items that both rated. Null where there is none or
 * chance agreement is certain.
 */
export function cohenKappa(items: readonly ItemRatings[]): number | null {
  const both = items.map((item) => {
    if (item.length !== 2)
      throw new ConfigError(`Cohen's kappa takes two raters; an item has ${item.length}`);
    return [item[0]!, item[1]!] as const;
  });
  const rated = both.filter(([a, b]) => a !== null && b !== null);
  if (rated.length === 0) return null;
  const observed = rated.filter(([a, b]) => a === b).length / rated.length;
  const [first, second] = [countsOf(rated.map(([a]) => a)), countsOf(rated.map(([, b]) => b))];
  const byChance = [...first].reduce((sum, [value, count]) => sum + count * (second.get(value) ?? 0), 0);
  return chanceCorrected(observed, byChance / rated.length ** 2);
}

/**
 * Fleiss' kappa (1971) for a fixed number of ratings an item. Null where there is no item or chance agreement is certain.
 * Throws `ConfigError` where items differ in their number of ratings: use Krippendorff's alpha there.
 */
export function fleissKappa(items: readonly ItemRatings[]): number | null {
  if (items.length === 0) return null;
  const rated = items.map((item) => item.filter((value) => value !== null));
  const raters = rated[0]!.length;
  if (raters < 2 || rated.some(({ length }) => length !== raters))
    throw new ConfigError(
      "Fleiss' kappa takes the same number of ratings, at least 2, for every item; use Krippendorff's alpha",
    );
  const total = countsOf(rated.flat());
  const byChance = [...total.values()].reduce(
    (sum, count) => sum + (count / (items.length * raters)) ** 2,
    0,
  );
  return chanceCorrected(percentAgreement(items)!, byChance);
}

/** Distance of two values: equal or not, or the square of the difference of numbers. */
export type AlphaMetric = "nominal" | "interval";

/**
 * Krippendorff's alpha: 1 − D_o / D_e over the values of items with two ratings or more; missing ratings are allowed. Null
 * where there is nothing to compare or all values are equal. `interval` takes numbers.
 */
export function krippendorffAlpha(
  items: readonly ItemRatings[],
  metric: AlphaMetric = "nominal",
): number | null {
  const units = items
    .map((item) => item.filter((value) => value !== null))
    .filter(({ length }) => length >= 2);
  const values = units.flat();
  if (values.length === 0) return null;
  const distance = (a: string | number, b: string | number): number =>
    metric === "nominal" ? Number(a !== b) : (Number(a) - Number(b)) ** 2;
  const sumOfDistances = (among: readonly (string | number)[]): number => {
    const counts = [...countsOf(among)];
    return counts.reduce(
      (sum, [a, m]) => sum + counts.reduce((inner, [b, n]) => inner + m * n * distance(a, b), 0),
      0,
    );
  };
  const observed =
    units.reduce((sum, unit) => sum + sumOfDistances(unit) / (unit.length - 1), 0) / values.length;
  const expected = sumOfDistances(values) / (values.length * (values.length - 1));
  return expected === 0 ? null : 1 - observed / expected;
}

function chanceCorrected(observed: number, byChance: number): number | null {
  return byChance === 1 ? null : (observed - byChance) / (1 - byChance);
}

function countsOf<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
