import { type BatchRow, type Sequence, singleRow } from "./batch-row.ts";

export interface PackingLimits {
  /** Shortest prefix worth sharing. */
  readonly minPrefix: number;
  /** Longest row. */
  readonly maxRow: number;
  /** Estimated work of a row of this many positions, in any unit. */
  readonly cost: (length: number) => number;
}

/**
 * Joins neighbours that begin alike into rows that compute the common prefix once, as trees of depth one. Of all ways to
 * cut the list into runs of neighbours the cheapest is taken (dynamic programming over the end of the last run), so a short
 * accidental prefix never spoils a long one, and rows whose attention would cost more than the prefix saves stay apart.
 */
export function packGroups(sequences: readonly Sequence[], limits: PackingLimits): BatchRow[] {
  const shared = sequences.map(({ tokens }, i) =>
    i === 0 ? 0 : commonPrefix(sequences[i - 1]!.tokens, tokens),
  );
  const bestCost = [0];
  const bestStart = [0];
  for (let end = 1; end <= sequences.length; end++) {
    bestCost[end] = Number.POSITIVE_INFINITY;
    let prefix = Number.POSITIVE_INFINITY;
    let total = 0;
    for (let start = end - 1; start >= 0; start--) {
      if (start < end - 1) prefix = Math.min(prefix, shared[start + 1]!);
      if (prefix < limits.minPrefix) break;
      total += sequences[start]!.tokens.length;
      const members = end - start;
      const length = members === 1 ? total : total - (members - 1) * prefix;
      if (members > 1 && length > limits.maxRow) break;
      const cost = bestCost[start]! + limits.cost(length);
      if (cost < bestCost[end]!) {
        bestCost[end] = cost;
        bestStart[end] = start;
      }
    }
  }
  const rows: BatchRow[] = [];
  for (let end = sequences.length; end > 0; end = bestStart[end]!)
    rows.unshift(row(sequences, shared, bestStart[end]!, end));
  return rows;
}

function row(
  sequences: readonly Sequence[],
  shared: readonly number[],
  start: number,
  end: number,
): BatchRow {
  if (end - start === 1) return singleRow(start, sequences[start]!.tokens.length);
  const prefix = Math.min(...shared.slice(start + 1, end));
  let length = prefix;
  const members = sequences.slice(start, end).map(({ tokens }, i) => {
    const member = { sequence: start + i, start: length };
    length += tokens.length - prefix;
    return member;
  });
  return { prefix, members, length };
}

function commonPrefix(a: Int32Array, b: Int32Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
