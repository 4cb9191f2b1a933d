import { evaluate } from "../src/graph/evaluate.ts";
import type { Tensor } from "../src/graph/tensor.ts";

/** Largest difference between two lists, relative to their largest magnitude where that is above 1. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    // An undefined or NaN element must count as wrong.
    const difference = Math.abs(actual[i]! - expected[i]!);
    error = difference <= error ? error : difference;
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return error / scale;
}

/** Central finite differences of Σ weight · output, by element of one input. */
export function finiteDifferences(
  output: Tensor,
  weight: ArrayLike<number>,
  feeds: Readonly<Record<string, ArrayLike<number | bigint>>>,
  name: string,
  step = 1e-5,
): number[] {
  const at = Float64Array.from(feeds[name]!, Number);
  const weighted = () =>
    evaluate([output], { ...feeds, [name]: at })[0]!.reduce((sum, y, i) => sum + y * weight[i]!, 0);
  return Array.from(at, (x, i) => {
    at[i] = x + step;
    const above = weighted();
    at[i] = x - step;
    const below = weighted();
    at[i] = x;
    return (above - below) / (2 * step);
  });
}
