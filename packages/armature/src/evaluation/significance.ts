import { ConfigError } from "../errors.ts";
import { normalQuantile } from "./normal-quantile.ts";

/** Exact McNemar test of two models on the same rows. */
export interface McNemar {
  /** Rows that only the first, and only the second got right. */
  readonly firstOnly: number;
  readonly secondOnly: number;
  /** Two-sided; 1 where the models never differ. */
  readonly p: number;
}

/** Bounds of a share of successes. */
export interface ShareInterval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Exact McNemar test (1947): of the rows that only one of two models got right, is each as likely to be the one? Two-sided
 * binomial at one half. Throws `ConfigError` where the lists differ in length.
 */
export function exactMcNemar(first: readonly boolean[], second: readonly boolean[]): McNemar {
  if (first.length !== second.length)
    throw new ConfigError(`${first.length} and ${second.length} rows cannot be paired; score the same rows`);
  const firstOnly = first.filter((right, i) => right && !second[i]).length;
  const secondOnly = second.filter((right, i) => right && !first[i]).length;
  const p = Math.min(1, 2 * halfBinomialTail(Math.min(firstOnly, secondOnly), firstOnly + secondOnly));
  return { firstOnly, secondOnly, p };
}

/**
 * Wilson's score interval (1927) of a share, which stays inside [0, 1] and is sound near its ends. Null without trials.
 * Throws `ConfigError` where there are more successes than trials.
 */
export function wilsonInterval(successes: number, trials: number, level = 0.95): ShareInterval | null {
  if (!(successes >= 0 && successes <= trials))
    throw new ConfigError(
      `${successes} successes of ${trials} trials; give a count between 0 and the trials`,
    );
  if (!(level > 0 && level < 1))
    throw new ConfigError(`confidence level is ${level}; give a number between 0 and 1`);
  if (trials === 0) return null;
  const share = successes / trials;
  const z = normalQuantile((1 + level) / 2);
  const scale = 1 + z ** 2 / trials;
  const centre = (share + z ** 2 / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  return {
    value: share,
    low: successes === 0 ? 0 : centre - half,
    high: successes === trials ? 1 : centre + half,
  };
}

/**
 * Holm's step-down adjustment (1979) of p-values for being one of many, in the order given: compare each with the level that
 * all together are to keep. Throws `ConfigError` at a value outside 0 to 1.
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const outside = pValues.find((p) => !(p >= 0 && p <= 1));
  if (outside !== undefined) throw new ConfigError(`a p-value is ${outside}; p-values lie between 0 and 1`);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  const rising = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  for (const [place, i] of rising.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - place) * pValues[i]!));
    adjusted[i] = largest;
  }
  return adjusted;
}

/** P(X ≤ k) of a binomial of n trials at one half. */
function halfBinomialTail(k: number, n: number): number {
  // Terms as logarithms: 2^−n leaves the range of numbers at n = 1,075.
  let logTerm = -n * Math.LN2;
  let tail = 0;
  for (let i = 0; i <= k; i++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - i) / (i + 1));
  }
  return tail;
}
