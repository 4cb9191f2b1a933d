import { ADAM_DEFAULTS, type AdamParams, TinkerError } from "@armature/tinker";
import type { ParameterStore } from "../model/parameters.ts";
import { clipFactor, gradientNorm } from "./clip-gradient.ts";

/** All that AdamW remembers, in the layout of the store's trainable values. */
export interface AdamState {
  /** Steps taken. */
  step: number;
  /** Running mean of the gradients. */
  readonly firstMoment: Float32Array;
  /** Running mean of their squares. */
  readonly secondMoment: Float32Array;
}

export function initialAdamState(store: ParameterStore): AdamState {
  const size = store.values.length;
  return { step: 0, firstMoment: new Float32Array(size), secondMoment: new Float32Array(size) };
}

/**
 * One step of AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101; `torch.optim.AdamW`): decay decoupled, moments
 * corrected for their start at zero, gradients first scaled down to `grad_clip_norm`. Uses up and clears the gradients, and
 * returns their norm before clipping. Where a gradient is not finite nothing but the gradients changes (they are cleared)
 * and a `TinkerError` of kind `user` names the parameter.
 */
export function adamwStep(
  store: ParameterStore,
  state: AdamState,
  params: AdamParams,
): { readonly gradientNorm: number } {
  const settings = { ...ADAM_DEFAULTS, ...params };
  checkSettings(settings);
  const { values, gradients } = store;
  const norm = gradientNorm(gradients);
  if (!Number.isFinite(norm)) {
    const culprit = store.trainable.find(({ gradient }) => gradient.some((g) => !Number.isFinite(g)));
    gradients.fill(0);
    throw new TinkerError(
      "user",
      `optimizer step refused: the gradient of ${culprit?.name ?? "the model"} is not finite; weights are unchanged, ` +
        "gradients cleared; lower the learning rate or bound the loss inputs",
    );
  }

  const { learning_rate: rate, beta1, beta2, eps, weight_decay, grad_clip_norm } = settings;
  state.step += 1;
  const scale = clipFactor(norm, grad_clip_norm);
  const kept = 1 - rate * weight_decay;
  const stepSize = rate / (1 - beta1 ** state.step);
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** state.step);
  const { firstMoment, secondMoment } = state;
  for (let i = 0; i < values.length; i++) {
    const g = gradients[i]! * scale;
    const m = beta1 * firstMoment[i]! + (1 - beta1) * g;
    const v = beta2 * secondMoment[i]! + (1 - beta2) * g * g;
    firstMoment[i] = m;
    secondMoment[i] = v;
    values[i] = kept * values[i]! - (stepSize * m) / (Math.sqrt(v) * rootCorrection + eps);
  }
  gradients.fill(0);
  return { gradientNorm: norm };
}

function checkSettings(settings: Required<AdamParams>): void {
  const refuse = (field: keyof AdamParams, range: string): never => {
    throw new TinkerError("user", `optimizer setting ${field} is ${settings[field]}, must be ${range}`);
  };
  for (const field of ["learning_rate", "weight_decay", "grad_clip_norm"] as const)
    if (!(settings[field] >= 0 && Number.isFinite(settings[field])))
      refuse(field, "a finite number of at least 0");
  // A parameter that never had a gradient would otherwise become 0 / 0.
  if (!(settings.eps > 0 && Number.isFinite(settings.eps))) refuse("eps", "a positive number");
  for (const field of ["beta1", "beta2"] as const)
    if (!(settings[field] >= 0 && settings[field] < 1)) refuse(field, "in [0, 1)");
}
