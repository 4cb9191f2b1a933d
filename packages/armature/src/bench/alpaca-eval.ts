import { readRows } from "../data/read-rows.ts";
import { DataError } from "../errors.ts";

/** How a model's answers fared against a reference's, as AlpacaEval reports it; percent. */
export interface AlpacaWinRate {
  readonly model: string;
  readonly reference: string;
  /** Mean preference; the annotator's probability that the model's answer is better, or 0, 50 and 100. */
  readonly winRate: number;
  /** Of the mean, from the sample's standard deviation (n − 1); null below two preferences. */
  readonly standardError: number | null;
  /** The same after rounding each preference to a win, a loss or a draw. */
  readonly discreteWinRate: number;
  readonly wins: number;
  readonly losses: number;
  readonly draws: number;
  /** Prompts without a preference. */
  readonly missing: number;
}

/**
 * Win rate of preferences from 1 (the reference wins) to 2 (the model wins); 1.5 and 0 are draws, null is missing and left out
 * (AlpacaEval, Li et al. 2023: mean of preference − 1). Throws `DataError` at another value and where none is left.
 */
export function alpacaWinRate(
  model: string,
  reference: string,
  preferences: readonly (number | null)[],
): AlpacaWinRate {
  const shares = preferences.flatMap((preference) => {
    if (preference === null) return [];
    if (preference === 0) return [0.5];
    if (preference >= 1 && preference <= 2) return [preference - 1];
    throw new DataError(`${model}: a preference is ${preference}; preferences lie between 1 and 2`);
  });
  if (shares.length === 0) throw new DataError(`${model}: has no preference; give at least one`);
  const n = shares.length;
  const mean = shares.reduce((a, b) => a + b) / n;
  const squares = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0);
  const wins = shares.filter((share) => share > 0.5).length;
  const draws = shares.filter((share) => share === 0.5).length;
  return {
    model,
    reference,
    winRate: 100 * mean,
    standardError: n < 2 ? null : 100 * Math.sqrt(squares / (n - 1) / n),
    discreteWinRate: (100 * (wins + draws / 2)) / n,
    wins,
    losses: n - wins - draws,
    draws,
    missing: preferences.length - n,
  };
}

/** Win rates of a file of rows `model`, `reference`, `preference` (a list). Throws `DataError` naming file and line. */
export async function readAlpacaPreferences(file: string): Promise<readonly AlpacaWinRate[]> {
  const rates: AlpacaWinRate[] = [];
  for await (const { value, line } of readRows(file)) {
    const { model, reference, preference } = value;
    const isList =
      Array.isArray(preference) && preference.every((one) => one === null || typeof one === "number");
    if (typeof model !== "string" || typeof reference !== "string" || !isList)
      throw new DataError(
        `${file}:${line}: give model and reference as text and preference as a list of numbers`,
      );
    rates.push(alpacaWinRate(model, reference, preference as readonly (number | null)[]));
  }
  return rates;
}
