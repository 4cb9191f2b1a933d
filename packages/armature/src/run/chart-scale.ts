/** Round numbers that cover a range: steps of 1, 2 or 5 times a power of ten, about `wanted` of them. */
export function niceTicks(low: number, high: number, wanted: number): readonly number[] {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999)!;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
  // Multiplying, not adding up, keeps 0.1 + 0.2 out of the labels.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Straight map of one range onto another. */
export function linearScale(
  from: readonly [number, number],
  onto: readonly [number, number],
): (value: number) => number {
  const factor = (onto[1] - onto[0]) / (from[1] - from[0] || 1);
  return (value) => onto[0] + (value - from[0]) * factor;
}
