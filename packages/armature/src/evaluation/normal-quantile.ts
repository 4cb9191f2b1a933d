import { ConfigError } from "../errors.ts";

/** Quantile of the standard normal distribution at 0 < p < 1, to about 15 digits. Throws `ConfigError` at other p. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new ConfigError(`quantile at ${p}; give a number between 0 and 1`);
  if (p > 0.5) return -normalQuantile(1 - p);
  // Newton's steps on log Φ, which is concave: from the left of the root they never overshoot.
  let x = -Math.sqrt(-2 * Math.log(p));
  for (let step = 0; step < 100; step++) {
    const tail = normalTail(-x);
    const move = ((Math.log(p) - Math.log(tail)) * tail) / normalDensity(x);
    x += move;
    if (Math.abs(move) < 1e-15 * Math.abs(x)) break;
  }
  return x;
}

const normalDensity = (x: number): number => Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI);

/** P(X > x) for x ≥ 0: a series near the middle, a continued fraction in the tail (Abramowitz and Stegun 26.2.11, 26.2.14). */
function normalTail(x: number): number {
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
      term *= x ** 2 / k;
      sum += term;
    }
    return 0.5 - normalDensity(x) * sum;
  }
  let fraction = 0;
  for (let k = 120; k >= 1; k--) fraction = k / (x + fraction);
  return normalDensity(x) / (x + fraction);
}
