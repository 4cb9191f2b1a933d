import type { BootstrapSettings } from "../../evaluation/bootstrap.ts";
import { crossedBootstrap } from "../../evaluation/crossed-bootstrap.ts";
import type { Estimate } from "../../run/report.ts";

/** One quantity over the training of several runs that differ by their seed, measured on the same prompts at each point. */
export interface TrainingCurve {
  /** Where it was measured, ascending: steps, or nats of KL. */
  readonly x: readonly number[];
  /** [seed][point][prompt]; null where a prompt has no value. */
  readonly values: readonly (readonly (readonly (number | null)[])[])[];
}

/** An estimate whose bounds are always there. */
export type BoundedEstimate = Required<Estimate>;

/** Where a curve has its top, and whether it falls from there to its end. */
export interface TurningPoint {
  /** x of the largest mean, the first of equal ones; its interval holds the tops of the resamples. */
  readonly x: BoundedEstimate;
  /** Mean at the top. It is chosen for being the largest, so it errs upwards. */
  readonly top: number;
  readonly last: number;
  /** Fall from the top to the end; the top is chosen on one half of the prompts and the fall measured on the other. */
  readonly fall: BoundedEstimate;
  /** True where the interval of the fall lies above 0: the quantity turned down within the runs. */
  readonly turns: boolean;
}

/**
 * The turning point of a curve, with 95 % intervals over seeds and prompts (`crossedBootstrap`). A top chosen and measured on
 * the same noise always seems to fall, hence the halves: prompts of even and of odd place, each once for choosing and once for
 * measuring. Null where no value was measured at some point.
 */
export function turningPoint(curve: TrainingCurve, settings: BootstrapSettings): TurningPoint | null {
  const { x, values } = curve;
  const prompts = values[0]?.[0]?.length ?? 0;
  if (x.length === 0 || prompts === 0) return null;
  const seeds = new Float64Array(values.length).fill(1);
  const all = new Float64Array(prompts).fill(1);
  const means = pointMeans(curve, seeds, all, null);
  if (means.some(Number.isNaN)) return null;
  const levels = [values.length, prompts];
  const tops = crossedBootstrap(levels, ([s, p]) => x[topOf(pointMeans(curve, s!, p!, null))]!, settings)!;
  const falls = crossedBootstrap(levels, ([s, p]) => crossFall(curve, s!, p!), settings)!;
  const top = topOf(means);
  return {
    x: { value: x[top]!, ...tops },
    top: means[top]!,
    last: means.at(-1)!,
    fall: { value: crossFall(curve, seeds, all), ...falls },
    turns: falls.low > 0,
  };
}

/** The mean at each point with its interval over seeds and prompts; points without any value are left out. */
export function curveEstimates(
  curve: TrainingCurve,
  settings: BootstrapSettings,
): readonly { readonly x: number; readonly value: number; readonly low: number; readonly high: number }[] {
  return curve.x.flatMap((x, point) => {
    const single = { x: [x], values: curve.values.map((points) => [points[point]!]) };
    const prompts = single.values[0]?.[0]?.length ?? 0;
    if (prompts === 0) return [];
    const mean = (seeds: Float64Array, draws: Float64Array) => pointMeans(single, seeds, draws, null)[0]!;
    const ones = (count: number) => new Float64Array(count).fill(1);
    const value = mean(ones(single.values.length), ones(prompts));
    if (Number.isNaN(value)) return [];
    const bounds = crossedBootstrap([single.values.length, prompts], ([s, p]) => mean(s!, p!), settings)!;
    return [{ x, value, ...bounds }];
  });
}

/** Weighted means by point; of the prompts of one parity where one is given. NaN where a point has no value. */
function pointMeans(
  { values }: TrainingCurve,
  seeds: Float64Array,
  prompts: Float64Array,
  parity: 0 | 1 | null,
): number[] {
  const points = values[0]!.length;
  return Array.from({ length: points }, (_, point) => {
    let [sum, weight] = [0, 0];
    for (const [seed, ofSeed] of values.entries()) {
      if (seeds[seed] === 0) continue;
      const row = ofSeed[point]!;
      for (let i = parity ?? 0; i < row.length; i += parity === null ? 1 : 2) {
        const value = row[i]!;
        if (value === null || prompts[i] === 0) continue;
        const drawn = seeds[seed]! * prompts[i]!;
        sum += drawn * value;
        weight += drawn;
      }
    }
    return sum / weight;
  });
}

function crossFall(curve: TrainingCurve, seeds: Float64Array, prompts: Float64Array): number {
  const [even, odd] = ([0, 1] as const).map((parity) => pointMeans(curve, seeds, prompts, parity)) as [
    number[],
    number[],
  ];
  return (odd[topOf(even)]! - odd.at(-1)! + even[topOf(odd)]! - even.at(-1)!) / 2;
}

function topOf(means: readonly number[]): number {
  return means.reduce((top, mean, i) => (mean > means[top]! ? i : top), 0);
}
