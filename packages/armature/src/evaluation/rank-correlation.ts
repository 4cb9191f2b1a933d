import { ConfigError } from "../errors.ts";

/** Ranks from 1 (smallest); equal values share the mean of their ranks. */
export function averageRanks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/** Pearson's correlation; null below two values or where one side does not vary. Throws `ConfigError` at different lengths. */
export function pearson(one: readonly number[], other: readonly number[]): number | null {
  checkLengths(one, other);
  const [x, y] = [centred(one), centred(other)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += x[i]! * y[i]!;
    xx += x[i]! ** 2;
    yy += y[i]! ** 2;
  }
  return xx === 0 || yy === 0 ? null : Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

/** Spearman's rank correlation: Pearson's of the average ranks. Null and errors as `pearson`. */
export function spearman(one: readonly number[], other: readonly number[]): number | null {
  return pearson(averageRanks(one), averageRanks(other));
}

/**
 * Kendall's tau-b, (concordant − discordant) / √((pairs − ties of one)(pairs − ties of the other)), in n log n (Knight 1966).
 * Null where one side does not vary. Throws `ConfigError` at different lengths.
 */
export function kendallTauB(one: readonly number[], other: readonly number[]): number | null {
  checkLengths(one, other);
  const order = one.map((_, i) => i).sort((a, b) => one[a]! - one[b]! || other[a]! - other[b]!);
  const x = order.map((i) => one[i]!);
  const y = order.map((i) => other[i]!);
  const pairs = (one.length * (one.length - 1)) / 2;
  const tiedX = tiedPairs(x.length, (a, b) => x[a] === x[b]);
  const tiedBoth = tiedPairs(x.length, (a, b) => x[a] === x[b] && y[a] === y[b]);
  const discordant = sortCountingInversions(y);
  const tiedY = tiedPairs(y.length, (a, b) => y[a] === y[b]);
  if (tiedX === pairs || tiedY === pairs) return null;
  const concordantLessDiscordant = pairs - tiedX - tiedY + tiedBoth - 2 * discordant;
  return concordantLessDiscordant / Math.sqrt(pairs - tiedX) / Math.sqrt(pairs - tiedY);
}

/** Pairs inside runs of equal neighbours. */
function tiedPairs(length: number, equal: (a: number, b: number) => boolean): number {
  let pairs = 0;
  for (let start = 0; start < length; ) {
    let end = start + 1;
    while (end < length && equal(start, end)) end++;
    pairs += ((end - start) * (end - start - 1)) / 2;
    start = end;
  }
  return pairs;
}

/** Merge sort in place; the result is how many pairs stood in strictly falling order. */
function sortCountingInversions(values: number[]): number {
  let inversions = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start + width < values.length; start += 2 * width) {
      const left = values.slice(start, start + width);
      const right = values.slice(start + width, start + 2 * width);
      let [l, r] = [0, 0];
      for (let i = start; i < start + left.length + right.length; i++) {
        if (r === right.length || (l < left.length && left[l]! <= right[r]!)) values[i] = left[l++]!;
        else {
          values[i] = right[r++]!;
          inversions += left.length - l;
        }
      }
    }
  }
  return inversions;
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  // Rounding of the mean must not make a constant vary.
  const constant = values.every((value) => value === values[0]);
  return values.map((value) => (constant ? 0 : value - mean));
}

function checkLengths(one: readonly number[], other: readonly number[]): void {
  if (one.length !== other.length)
    throw new ConfigError(`${one.length} and ${other.length} values cannot be correlated; give pairs`);
}
