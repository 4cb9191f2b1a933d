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

/** How disagreements of two raters weigh: all alike, by the distance of the categories' places, or by its square. */
export type KappaWeights = "none" | "linear" | "quadratic";

/**
 * Cohen's kappa of two raters: 1 − Σ w·observed / Σ w·expected by chance, over the items that both rated. Unweighted (1960) it
 * is (p_o − p_e) / (1 − p_e); weights (1968) take numbers and go by the places of the values that occur, in numerical order.
 * Null where nothing was rated by both or chance agreement is certain.
 */
export function cohenKappa(items: readonly ItemRatings[], weights: KappaWeights = "none"): number | null {
  const both = items.map((item) => {
    if (item.length !== 2)
      throw new ConfigError(`Cohen's kappa takes two raters; an item has ${item.length}`);
    return [item[0]!, item[1]!] as const;
  });
  const rated = both.filter(([a, b]) => a !== null && b !== null);
  if (rated.length === 0) return null;
  const weight = kappaWeight(rated.flat(), weights);
  const [first, second] = [countsOf(rated.map(([a]) => a)), countsOf(rated.map(([, b]) => b))];
  const observed = rated.reduce((sum, [a, b]) => sum + weight(a, b), 0);
  let byChance = 0;
  for (const [a, m] of first) for (const [b, n] of second) byChance += (weight(a, b) * m * n) / rated.length;
  return byChance === 0 ? null : 1 - observed / byChance;
}

function kappaWeight(
  values: readonly (string | number)[],
  weights: KappaWeights,
): (a: string | number, b: string | number) => number {
  if (weights === "none") return (a, b) => Number(a !== b);
  const text = values.find((value) => typeof value === "string");
  if (text !== undefined)
    throw new ConfigError(`a rating is ${JSON.stringify(text)}; weighted kappa takes numbers`);
  const places = new Map([...new Set(values)].sort((a, b) => Number(a) - Number(b)).map((v, i) => [v, i]));
  const power = weights === "linear" ? 1 : 2;
  return (a, b) => Math.abs(places.get(a)! - places.get(b)!) ** power;
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

/** Distance of two values: equal or not, by how many ratings lie between them, or by the difference of numbers; squared. */
export type AlphaMetric = "nominal" | "ordinal" | "interval";

/**
 * Krippendorff's alpha: 1 − D_o / D_e over the values of items with two ratings or more; missing ratings are allowed
 * (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"). Null where there is nothing to compare or all values are
 * equal. `ordinal` and `interval` take numbers.
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
  const distance = alphaDistance(values, metric);
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

function alphaDistance(
  values: readonly (string | number)[],
  metric: AlphaMetric,
): (a: string | number, b: string | number) => number {
  if (metric === "nominal") return (a, b) => Number(a !== b);
  if (metric === "interval") return (a, b) => (Number(a) - Number(b)) ** 2;
  // Ratings up to the middle of each value's own ones: the difference of two is the ordinal distance.
  const middles = new Map<string | number, number>();
  let below = 0;
  for (const [value, count] of [...countsOf(values)].sort(([a], [b]) => Number(a) - Number(b))) {
    middles.set(value, below + count / 2);
    below += count;
  }
  return (a, b) => (middles.get(a)! - middles.get(b)!) ** 2;
}

function chanceCorrected(observed: number, byChance: number): number | null {
  return byChance === 1 ? null : (observed - byChance) / (1 - byChance);
}

function countsOf<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
