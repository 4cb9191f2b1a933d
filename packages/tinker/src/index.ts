/** The training protocol: what a post-training recipe says to any engine, in process or remote. */
export type { Capabilities } from "./capabilities.ts";
export { checkDatum, completionDatum, type Datum } from "./datum.ts";
export { type ErrorKind, TinkerError } from "./errors.ts";
export {
  DEFAULT_CLIP,
  type KlEstimator,
  type Loss,
  type LossInputs,
  type LossName,
  REQUIRED_INPUTS,
} from "./loss.ts";
export {
  inputTokens,
  type ModelInput,
  type ModelInputChunk,
  type TokenIds,
  textInput,
} from "./model-input.ts";
export { ADAM_DEFAULTS, type AdamParams } from "./optimizer.ts";
export { type Pending, pendingResult } from "./pending.ts";
export type {
  SampledSequence,
  SampleOptions,
  SampleRequest,
  SampleResult,
  SamplingParams,
} from "./sampling.ts";
export { floats, integers, type TensorData, tensorLength } from "./tensor-data.ts";
export type {
  CustomLoss,
  ForwardBackwardResult,
  OptimStepResult,
  Sampler,
  TrainingModel,
} from "./training-model.ts";
