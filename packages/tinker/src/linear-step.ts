import type { Datum } from "./datum.ts";
import type { Loss } from "./loss.ts";
import type { AdamParams } from "./optimizer.ts";
import { floats } from "./tensor-data.ts";
import type { TrainingModel } from "./training-model.ts";

/**
 * With ε far above any gradient, and without moments, AdamW's step is lr·g/ε: a change of logprobs is then proportional to the
 * gradient, and sums, signs and factors of losses show as sums, signs and factors of changes. `scale` is lr/ε.
 */
export function linearAdam(scale: number, more: AdamParams = {}): AdamParams {
  return {
    learning_rate: scale * 1e6,
    eps: 1e6,
    beta1: 0,
    beta2: 0,
    weight_decay: 0,
    grad_clip_norm: 0,
    ...more,
  };
}

/** Logprobs of the targets of one datum, after all calls so far. */
export async function targetLogprobs(model: TrainingModel, datum: Datum): Promise<readonly number[]> {
  const { logprobs } = await model.forward([datum]).result;
  return [...logprobs[0]!];
}

/** One call of forward-backward: datums and their loss. */
export interface GradientCall {
  readonly data: readonly Datum[];
  readonly loss?: Loss;
}

/**
 * How the logprobs of a datum's targets change when a new model takes one optimizer step with the gradients of the calls. The
 * model is given back.
 */
export async function changeOfLogprobs(
  open: () => Promise<TrainingModel>,
  datum: Datum,
  calls: readonly GradientCall[],
  adam: AdamParams,
): Promise<readonly number[]> {
  const model = await open();
  try {
    const before = model.forward([datum]);
    const gradients = calls.map(({ data, loss }) =>
      model.forwardBackward(data, loss ?? { name: "cross_entropy" }),
    );
    const update = model.optimStep(adam);
    const after = model.forward([datum]);
    await Promise.all([...gradients.map(({ result }) => result), update.result]);
    const [a, b] = [(await before.result).logprobs[0]!, (await after.result).logprobs[0]!];
    return [...b].map((value, i) => value - a[i]!);
  } finally {
    await model.dispose();
  }
}

/** Size of the change that a calibrated step makes, small enough to be of first order and large enough to be no rounding. */
const AIM = 0.02;

/** The scale at which a step on the datum moves its logprobs by about 0.02. */
export async function calibratedScale(open: () => Promise<TrainingModel>, datum: Datum): Promise<number> {
  let scale = 1e-2;
  for (let round = 0; round < 3; round++) {
    const moved = sizeOf(await changeOfLogprobs(open, datum, [{ data: [datum] }], linearAdam(scale)));
    if (!(moved > 0) || !Number.isFinite(moved)) scale *= moved === 0 ? 1e3 : 1e-3;
    else if (moved > AIM / 3 && moved < AIM * 3) return scale * (AIM / moved);
    else scale *= AIM / moved;
  }
  return scale;
}

/** A datum with its weights multiplied. */
export function weightedBy(datum: Datum, factors: readonly number[] | number): Datum {
  const weights = datum.lossInputs.weights!.data;
  const scaled = Float32Array.from(
    weights,
    (weight, i) => weight * (typeof factors === "number" ? factors : factors[i]!),
  );
  return { modelInput: datum.modelInput, lossInputs: { ...datum.lossInputs, weights: floats(scaled) } };
}

/** Euclidean length. */
export const sizeOf = (values: readonly number[]): number => Math.hypot(...values);

/** How many times `b` the values `a` are (least squares), and how far they are from that, relative to their size. */
export function multipleOf(a: readonly number[], b: readonly number[]): { factor: number; rest: number } {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  const factor = dot(a, b) / dot(b, b);
  const rest = sizeOf(a.map((value, i) => value - factor * b[i]!)) / Math.max(sizeOf(a), sizeOf(b), 1e-30);
  return { factor, rest };
}
