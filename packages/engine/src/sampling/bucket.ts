/**
 * Graphs have static shapes, so sizes are rounded up to a few steps: at most a third more than asked for, one session for
 * each step.
 */

/** The next of 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, from there on in eighths: 160, 192, 224, 256, 320, … */
export function batchBucket(rows: number): number {
  let power = 1;
  while (power < rows) power *= 2;
  const step = Math.max(1, power > 128 ? power / 8 : power / 4);
  return Math.ceil(rows / step) * step;
}

/** The next multiple of 16, from 256 on of 32, from 512 on of 64, and so on. */
export function lengthBucket(tokens: number): number {
  let step = 16;
  while (step * 16 < tokens) step *= 2;
  return Math.ceil(tokens / step) * step;
}
