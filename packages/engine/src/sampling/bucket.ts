/**
 * Graphs have static shapes and a session for each, so sizes are rounded up to a few steps.
 */

/** Share of a decoding step that may go to empty slots of the cache, on average. */
const EMPTY_SHARE = 0.03;

/** The next of 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, from there on in eighths: 160, 192, 224, 256, 320, … */
export function batchBucket(rows: number): number {
  let power = 1;
  while (power < rows) power *= 2;
  const step = Math.max(1, power > 128 ? power / 8 : power / 4);
  return Math.ceil(rows / step) * step;
}

/** The smallest of `most`, half of it, a quarter and so on (rounded up) that is at least `least`. */
export function halving(most: number, least: number): number {
  let size = most;
  while (size > 1 && Math.ceil(size / 2) >= least) size = Math.ceil(size / 2);
  return size;
}

/** The next multiple of 16, from 256 on of 32, from 512 on of 64, and so on. */
export function lengthBucket(tokens: number): number {
  let step = 16;
  while (step * 16 < tokens) step *= 2;
  return Math.ceil(tokens / step) * step;
}

/**
 * The slots of a cache are a multiple of this power of two, 16 to 256: as coarse as empty slots are cheap beside the weights,
 * which every step reads too.
 */
export function slotStep(weightBytes: number, rows: number, bytesPerToken: number): number {
  const affordable = (2 * EMPTY_SHARE * weightBytes) / (rows * bytesPerToken);
  return 2 ** Math.min(8, Math.max(4, Math.floor(Math.log2(affordable))));
}

/** The next slots of a cache for so many tokens. */
export function slotBucket(tokens: number, step: number): number {
  return Math.ceil(lengthBucket(tokens) / step) * step;
}
