import { type BootstrapSettings, bootstrapStrata, type Interval } from "./bootstrap.ts";

/** One question that two policies answered. */
export interface LengthComparison {
  /** How far the first policy's response is preferred, 0 to 1; a probability, or 1, 0 and ½ for a win, a loss and a draw. */
  readonly preference: number;
  /** Lengths of the first and of the second policy's response, in any one unit. */
  readonly length: number;
  readonly otherLength: number;
  /** How hard the question is, on any scale with 0 in the middle; for all comparisons or for none. */
  readonly difficulty?: number;
}

/** A win rate as it would be at equal lengths. */
export interface LengthControlledWinRate {
  /** Mean preference, 0 to 1. */
  readonly raw: Interval;
  /** The same at equal lengths, by the fitted regression. */
  readonly controlled: Interval;
  /** Of the regression: in the log-odds of being preferred. A positive `length` means that longer responses are preferred. */
  readonly coefficients: {
    readonly policy: number;
    readonly length: number;
    readonly difficulty: number | null;
  };
}

/** How the regression is fitted. */
export interface LengthControlSettings extends BootstrapSettings {
  /** Weight of ½ |β|² in the loss; keeps the fit finite where one policy always wins. Default 0.01. */
  readonly ridge?: number;
}

const RIDGE = 0.01;
const RESAMPLES = 1000;
const MOST_STEPS = 100;
const TOLERANCE = 1e-10;
const SMALLEST_SCALE = 1e-6;

/**
 * Length-controlled win rate in the form of AlpacaEval 2 (Dubois et al. 2024, arXiv 2404.04475, equation 2):
 *
 *   logit P(first wins) = θ + φ tanh(Δ / s) + ψ γ,   Δ = length − otherLength, s its standard deviation (n − 1),
 *
 * fitted by logistic regression on the preferences (which may be shares), and the mean of σ(θ + ψ γ) over questions, that is
 * with Δ = 0. AlpacaEval's γ are fitted beforehand over all its models, its penalty is L1 with a strength by cross-validation,
 * and two artificial models enter with small weight; here γ is the caller's or left out, and the penalty is a fixed ridge.
 * Intervals redraw questions and fit anew. Null without comparisons.
 */
export function lengthControlledWinRate(
  comparisons: readonly LengthComparison[],
  { ridge = RIDGE, ...draws }: LengthControlSettings,
): LengthControlledWinRate | null {
  const n = comparisons.length;
  if (n === 0) return null;
  const settings = { ...draws, resamples: draws.resamples ?? RESAMPLES };
  const hard = comparisons.every(({ difficulty }) => difficulty !== undefined);
  const shifts = lengthShifts(comparisons);
  const width = hard ? 3 : 2;
  const x = new Float64Array(n * width);
  comparisons.forEach(({ difficulty = 0 }, i) => {
    x.set([1, shifts[i]!, difficulty].slice(0, width), i * width);
  });
  const y = Float64Array.from(comparisons, ({ preference }) => preference);
  const design = { x, width, y };
  const rawMean = (weights: Float64Array) => meanOf(weights, (i) => y[i]!);
  const atEqualLengths = (beta: readonly number[], weights: Float64Array) =>
    meanOf(weights, (i) => logistic(beta[0]! + (hard ? beta[2]! * x[i * width + 2]! : 0)));
  const once = new Float64Array(n).fill(1);
  const zero = Array<number>(width).fill(0);
  const beta = logisticRegression(design, once, ridge, zero);
  const refitted = (weights: Float64Array) =>
    atEqualLengths(logisticRegression(design, weights, ridge, beta), weights);
  const intervalOf = (value: number, statistic: (weights: Float64Array) => number): Interval => ({
    value,
    ...bootstrapStrata([n], statistic, settings)!,
    clusters: n,
  });
  return {
    raw: intervalOf(rawMean(once), rawMean),
    controlled: intervalOf(atEqualLengths(beta, once), refitted),
    coefficients: { policy: beta[0]!, length: beta[1]!, difficulty: hard ? beta[2]! : null },
  };
}

function meanOf(weights: Float64Array, valueAt: (i: number) => number): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    total += weights[i]!;
    sum += weights[i]! * valueAt(i);
  }
  return sum / total;
}

/** tanh(Δ / s) of each comparison; 0 where all differences are equal to 0. */
function lengthShifts(comparisons: readonly LengthComparison[]): readonly number[] {
  const deltas = comparisons.map(({ length, otherLength }) => length - otherLength);
  const mean = deltas.reduce((a, b) => a + b) / deltas.length;
  const squares = deltas.reduce((sum, delta) => sum + (delta - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, deltas.length - 1));
  return deltas.map((delta) => (deviation === 0 ? Math.sign(delta) : Math.tanh(delta / deviation)));
}

/** A design matrix, row by row, and how often each row counts. */
interface Design {
  /** [rows, width] */
  readonly x: Float64Array;
  readonly width: number;
  readonly y: Float64Array;
}

/**
 * Coefficients that minimise Σ w (log(1 + e^η) − y η) + ½ ridge |β|², η = X β, by Newton's method with halved steps where a
 * whole one would not descend.
 */
function logisticRegression(
  design: Design,
  weights: Float64Array,
  ridge: number,
  start: readonly number[],
): readonly number[] {
  let beta = start;
  let current = lossAt(design, weights, ridge, beta);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, hessian } = derivatives(design, weights, ridge, beta);
    const direction = solve(hessian, gradient);
    let scale = 1;
    let next = beta;
    let reached = Number.POSITIVE_INFINITY;
    for (; scale > SMALLEST_SCALE; scale /= 2) {
      next = beta.map((value, j) => value - scale * direction[j]!);
      reached = lossAt(design, weights, ridge, next);
      if (reached <= current) break;
    }
    if (reached > current) break;
    beta = next;
    current = reached;
    if (Math.max(...direction.map((one) => Math.abs(scale * one))) < TOLERANCE) break;
  }
  return beta;
}

function lossAt(
  { x, y, width }: Design,
  weights: Float64Array,
  ridge: number,
  beta: readonly number[],
): number {
  let sum = beta.reduce((total, value) => total + (ridge / 2) * value ** 2, 0);
  for (let i = 0; i < y.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    let eta = 0;
    for (let j = 0; j < width; j++) eta += x[i * width + j]! * beta[j]!;
    sum += weight * (Math.max(0, eta) + Math.log1p(Math.exp(-Math.abs(eta))) - y[i]! * eta);
  }
  return sum;
}

function derivatives(
  { x, y, width }: Design,
  weights: Float64Array,
  ridge: number,
  beta: readonly number[],
): { readonly gradient: number[]; readonly hessian: number[][] } {
  const gradient = beta.map((value) => ridge * value);
  const hessian = beta.map((_, j) => beta.map((_value, k) => (j === k ? ridge : 0)));
  for (let i = 0; i < y.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    let eta = 0;
    for (let j = 0; j < width; j++) eta += x[i * width + j]! * beta[j]!;
    const p = logistic(eta);
    for (let j = 0; j < width; j++) {
      const own = x[i * width + j]!;
      gradient[j]! += weight * (p - y[i]!) * own;
      for (let k = 0; k < width; k++) hessian[j]![k]! += weight * p * (1 - p) * own * x[i * width + k]!;
    }
  }
  return { gradient, hessian };
}

/** Solution of a x = b by elimination with pivots; a column without any pivot (a constant predictor without ridge) gets 0. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): readonly number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  const width = b.length;
  for (let column = 0; column < width; column++) {
    const pivot = rows.reduce(
      (best, row, i) => (i >= column && Math.abs(row[column]!) > Math.abs(rows[best]![column]!) ? i : best),
      column,
    );
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const own = rows[column]!;
    if (Math.abs(own[column]!) < 1e-300) continue;
    for (let i = 0; i < width; i++) {
      if (i === column) continue;
      const factor = rows[i]![column]! / own[column]!;
      for (let k = column; k <= width; k++) rows[i]![k]! -= factor * own[k]!;
    }
  }
  return rows.map((row, i) => (Math.abs(row[i]!) < 1e-300 ? 0 : row[width]! / row[i]!));
}

const logistic = (value: number): number => 1 / (1 + Math.exp(-value));
