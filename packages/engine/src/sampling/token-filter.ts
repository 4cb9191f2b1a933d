/**
 * Which tokens of a row are kept: all whose weight is above `floor`, and the first `ties` of those that equal it.
 * (Weights decide, not an order of tokens: nothing but numbers is ever sorted.)
 */
export interface KeptTokens {
  floor: number;
  ties: number;
  /** Sum of the kept weights. */
  mass: number;
}

/**
 * Top-k, then top-p of what is left: the k largest weights, of them the fewest that reach the share `topP` of their
 * mass (the order of transformers and vLLM). Writes into `kept`. The row is used up as scratch space.
 */
export function keepTopTokens(row: Float32Array, topK: number, topP: number, kept: KeptTokens): void {
  let count = row.length;
  if (topK > 0 && topK < count) {
    moveLargestFirst(row, topK);
    count = topK;
  }
  let first = 0;
  if (topP < 1) {
    const mass = sum(row, 0, count);
    const share = topP * mass;
    // All weights below this line together hold less than 1 − topP: sorting can do without them.
    const line = ((1 - topP) * mass) / count;
    let candidates = 0;
    for (let i = 0; i < count; i++) if (row[i]! >= line) row[candidates++] = row[i]!;
    row.subarray(0, candidates).sort();
    first = candidates - 1;
    for (let reached = row[first]!; first > 0 && reached < share; reached += row[first]!) first--;
    count = candidates;
  }
  let floor = Infinity;
  for (let i = first; i < count; i++) floor = Math.min(floor, row[i]!);
  let ties = 0;
  for (let i = first; i < count; i++) if (row[i] === floor) ties++;
  kept.floor = floor;
  kept.ties = ties;
  kept.mass = sum(row, first, count);
}

function sum(row: Float32Array, start: number, end: number): number {
  let total = 0;
  for (let i = start; i < end; i++) total += row[i]!;
  return total;
}

/** Partitions so that the `count` largest elements come first, in any order (Hoare's quickselect). */
function moveLargestFirst(row: Float32Array, count: number): void {
  let low = 0;
  let high = row.length - 1;
  while (low < high) {
    const pivot = row[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (row[i]! > pivot) i++;
      while (row[j]! < pivot) j--;
      if (i > j) break;
      const swapped = row[i]!;
      row[i++] = row[j]!;
      row[j--] = swapped;
    }
    if (count - 1 <= j) high = j;
    else if (count - 1 >= i) low = i;
    else return;
  }
}
