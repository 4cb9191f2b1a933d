/** The training protocol: what a post-training recipe says to any engine, in process or remote. */
export type { Capabilities } from "./capabilities.ts";
// A server as a client sees it
export type { ClientEvent, RequestType, SessionState } from "./client/client-events.ts";
export type { ClientLimits } from "./client/client-limits.ts";
export { HttpSampler } from "./client/http-sampler.ts";
export { HttpTrainingModel } from "./client/http-training-model.ts";
export type { ServiceOptions } from "./client/open-connection.ts";
export { type Recovery, recoverRequests } from "./client/recover-requests.ts";
export { type ServerProfile, SKYRL_JAX } from "./client/server-profile.ts";
export { type ModelOptions, ServiceClient } from "./client/service-client.ts";
export { customLossDatums } from "./custom-loss.ts";
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
  TokenLogprob,
} from "./sampling.ts";
export { floats, integers, type TensorData, tensorLength } from "./tensor-data.ts";
export { type TrainStepResult, trainStep } from "./train-step.ts";
export type {
  CustomLoss,
  ForwardBackwardResult,
  OptimStepResult,
  Sampler,
  TrainingModel,
  WantedLogprobs,
} from "./training-model.ts";
