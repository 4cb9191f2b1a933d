import type { BatchRow } from "./batch-row.ts";

/** Rows that run together, each padded to `time` positions, and filled up with empty rows to `paddedRows`. */
export interface MicroBatch {
  readonly rows: readonly BatchRow[];
  readonly paddedRows: number;
  readonly time: number;
}

/**
 * Cuts rows into batches of at most `tokenBudget` positions (a longer row runs alone). Rows of like length run together and
 * sizes are rounded up to few different ones, because every new size is a new session. The cut depends on nothing but the
 * rows' lengths, so a repeated run repeats it.
 */
export function microBatches(rows: readonly BatchRow[], tokenBudget: number): MicroBatch[] {
  const longestFirst = rows.toSorted((a, b) => b.length - a.length);
  const batches: MicroBatch[] = [];
  for (let start = 0; start < longestFirst.length; ) {
    const time = roundedTime(longestFirst[start]!.length);
    const capacity = Math.max(1, Math.floor(tokenBudget / time));
    // Even batches in place of full ones and a rest: fewer different sizes.
    const left = longestFirst.length - start;
    const count = Math.ceil(left / Math.ceil(left / capacity));
    batches.push({
      rows: longestFirst.slice(start, start + count),
      paddedRows: Math.min(capacity, roundedUp(count, 8)),
      time,
    });
    start += count;
  }
  return batches;
}

/** Positions a row is padded to: multiples of 16, in wider steps above 128. */
function roundedTime(length: number): number {
  return 16 * roundedUp(Math.ceil(length / 16), 8);
}

/** Smallest number of the form m · 2^k with m ≤ 2 · steps that is at least n: at most n / steps too many. */
export function roundedUp(n: number, steps: number): number {
  const unit = 2 ** Math.max(0, Math.ceil(Math.log2(n / (2 * steps))));
  return unit * Math.ceil(n / unit);
}
