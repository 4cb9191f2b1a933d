/** Shape of the learning rate over a run; progress runs from 0 to 1. */
export type LearningRateSchedule = "constant" | "linear" | "cosine";

/** Share of the peak rate that a cosine schedule ends on. */
const COSINE_FLOOR = 0.03;

/**
 * Factor on the peak learning rate at `step` of `steps` (0-based), after a linear warm-up of `warmupSteps`:
 * `constant` 1, `linear` 1 − step/steps, `cosine` from 1 to 0.03.
 */
export function learningRateFactor(
  schedule: LearningRateSchedule,
  step: number,
  steps: number,
  warmupSteps = 0,
): number {
  const warmup = warmupSteps > 0 ? Math.min(1, (step + 1) / warmupSteps) : 1;
  const progress = Math.min(1, step / steps);
  switch (schedule) {
    case "constant":
      return warmup;
    case "linear":
      return warmup * (1 - progress);
    case "cosine":
      return warmup * (COSINE_FLOOR + (1 - COSINE_FLOOR) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  }
}
