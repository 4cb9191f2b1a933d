import { ConfigError } from "../errors.ts";

/** Forecasts between two probabilities: above `low` (the first bin: from it) up to and with `high`. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Means over the bin; null where it is empty. */
  readonly meanProbability: number | null;
  readonly frequency: number | null;
}

/** How far probabilities can be taken at their word. */
export interface Calibration {
  readonly count: number;
  /** Equal width, over [0, 1]. */
  readonly bins: readonly ReliabilityBin[];
  /** Expected calibration error, Σ (count / n)·|frequency − mean probability| over bins (Guo et al. 2017, equation 3); 0 to 1. */
  readonly ece: number;
  /** Mean of (probability − outcome)² (Brier 1950); 0 is best, 0.25 is what a constant one half gets. */
  readonly brier: number;
}

/**
 * Calibration of probabilities against what happened. Null without forecasts. Throws `ConfigError` at different lengths and
 * at a value outside 0 to 1.
 */
export function calibration(
  probabilities: readonly number[],
  happened: readonly boolean[],
  binCount = 10,
): Calibration | null {
  if (probabilities.length !== happened.length)
    throw new ConfigError(
      `${probabilities.length} probabilities and ${happened.length} outcomes; give one outcome for each`,
    );
  if (!Number.isInteger(binCount) || binCount < 1)
    throw new ConfigError(`bin count is ${binCount}; give a whole number of at least 1`);
  const outside = probabilities.find((probability) => !(probability >= 0 && probability <= 1));
  if (outside !== undefined)
    throw new ConfigError(`a probability is ${outside}; probabilities lie between 0 and 1`);
  const total = probabilities.length;
  if (total === 0) return null;
  const sums = Array.from({ length: binCount }, () => ({ count: 0, probability: 0, happened: 0 }));
  let brier = 0;
  for (const [i, probability] of probabilities.entries()) {
    const outcome = Number(happened[i]);
    const bin = sums[Math.max(0, Math.ceil(probability * binCount) - 1)]!;
    bin.count++;
    bin.probability += probability;
    bin.happened += outcome;
    brier += (probability - outcome) ** 2 / total;
  }
  const ece = sums.reduce((sum, bin) => sum + Math.abs(bin.happened - bin.probability) / total, 0);
  const bins = sums.map((bin, i) => ({
    low: i / binCount,
    high: (i + 1) / binCount,
    count: bin.count,
    meanProbability: bin.count === 0 ? null : bin.probability / bin.count,
    frequency: bin.count === 0 ? null : bin.happened / bin.count,
  }));
  return { count: total, bins, ece, brier };
}
