import { completionDatum, type Datum } from "../datum.ts";
import { floats } from "../tensor-data.ts";
import type { TrainingModel } from "../training-model.ts";
import type { ConformanceBackend } from "./conformance-backend.ts";

/** What all groups work with. Token ids are small, so that every vocabulary has them. */
export interface Scenario {
  readonly backend: ConformanceBackend;
  /** A new model, always the same at its start. */
  readonly open: () => Promise<TrainingModel>;
  /** lr/ε at which a step on `datum` moves its logprobs by about 0.02. */
  readonly scale: number;
  /** Relative tolerance of ratios: first-order terms, and the arithmetic of servers with 16-bit floats. */
  readonly tolerance: number;
  /** Tolerance of logprobs that must be equal. */
  readonly equal: number;
}

/** Two prompts with completions, of different lengths. */
export const FIRST = completionDatum([3, 5], [7, 4, 6], { weights: [1, 1, 1] });
/** The other one. */
export const SECOND = completionDatum([8, 6, 4], [5, 9], { weights: [1, 1] });
/** Prompt and completion of the first one. */
export const SEQUENCE = [3, 5, 7, 4, 6];

/** A datum for the policy losses: sampling logprobs and one advantage at every completion token. */
export function policyDatum(datum: Datum, logprobs: readonly number[], advantage: number): Datum {
  const { target_tokens, weights } = datum.lossInputs;
  return {
    modelInput: datum.modelInput,
    lossInputs: {
      target_tokens,
      logprobs: floats([...logprobs]),
      advantages: floats(Float32Array.from(weights!.data, (weight: number) => weight * advantage)),
    },
  };
}

/** Runs work with a new model and gives it back. */
export async function withModel<T>(
  open: () => Promise<TrainingModel>,
  work: (model: TrainingModel) => Promise<T>,
): Promise<T> {
  const model = await open();
  try {
    return await work(model);
  } finally {
    await model.dispose();
  }
}
