import type { Datum } from "./datum.ts";
import type { Loss } from "./loss.ts";
import type { AdamParams } from "./optimizer.ts";
import type { Pending } from "./pending.ts";
import type { ForwardBackwardResult, OptimStepResult, TrainingModel } from "./training-model.ts";

/** What one training step gave. */
export interface TrainStepResult {
  readonly forwardBackward: ForwardBackwardResult;
  readonly optimStep: OptimStepResult;
}

/**
 * One training step: gradients of all datums, then the optimizer. Both are submitted at once, so that a server never waits for
 * the client between them; await `submitted` (not `result`) before preparing the next step, and steps follow each other
 * without a pause on the server.
 */
export function trainStep(
  model: TrainingModel,
  data: readonly Datum[],
  loss: Loss,
  adam: AdamParams,
): Pending<TrainStepResult> {
  const gradients = model.forwardBackward(data, loss);
  const update = model.optimStep(adam);
  const result = Promise.all([gradients.result, update.result]).then(([forwardBackward, optimStep]) => ({
    forwardBackward,
    optimStep,
  }));
  const submitted = Promise.all([gradients.submitted, update.submitted]).then(() => undefined);
  // Unobserved handles must not bring the process down; whoever awaits them still sees the rejection.
  for (const promise of [result, submitted]) promise.catch(() => undefined);
  return { submitted, result };
}
