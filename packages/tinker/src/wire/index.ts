/** The training protocol on the wire: requests and replies of both eras, JSON and protobuf. Clients and servers read and write it here. */
export {
  acceptsProtobuf,
  isProtobuf,
  JSON_TYPE,
  PROTOBUF,
  readJson,
  readValue,
} from "./body.ts";
export {
  type CheckpointPath,
  checkCheckpointName,
  checkpointId,
  readCheckpointPath,
  writeCheckpointPath,
} from "./checkpoint-path.ts";
export {
  ArchiveReply,
  Checkpoint,
  CheckpointsReply,
  TrainingRun,
  TrainingRunsReply,
  TtlRequest,
  WeightsInfo,
  WeightsInfoRequest,
} from "./checkpoints.ts";
export { compressZstd, decompressed, hasZstd } from "./compression.ts";
export {
  decodeForwardBackwardRequest,
  encodeForwardBackwardRequest,
  ForwardBackwardBody,
  type ForwardBackwardRequest,
  forwardBackwardJson,
  modelInputJson,
} from "./forward-backward.ts";
export {
  decodeForwardBackwardOutput,
  encodeForwardBackwardOutput,
  ForwardBackwardOutput,
  forwardBackwardOutputJson,
  type LossOutputs,
} from "./forward-backward-output.ts";
export {
  CancelFutureRequest,
  CompleteMetadata,
  ErrorCategory,
  QueueState,
  RequestFailed,
  RetrieveFutureRequest,
  readErrorText,
  TryAgain,
} from "./future.ts";
export { lossConfig, readLoss } from "./loss-settings.ts";
export {
  AsampleRequest,
  BATCH_HEADER,
  decodeSampleResponse,
  encodeSampleResponse,
  LOGPROBS_FROM_HEADER,
  SampleResponse,
  sampleResponseJson,
} from "./sample.ts";
export {
  AuthTokenReply,
  ClientConfig,
  ClientConfigRequest,
  CreateSamplingSessionReply,
  CreateSamplingSessionRequest,
  CreateSessionReply,
  CreateSessionRequest,
  DynamicConfig,
  HeartbeatRequest,
  SamplerReply,
  ServerCapabilities,
  SessionReply,
  SessionsReply,
  SupportedModel,
} from "./session.ts";
export {
  CreateModelRequest,
  CreateModelResult,
  LoadedResult,
  LoadWeightsRequest,
  LoraSettings,
  ModelInfoReply,
  ModelRequest,
  OptimStepRequest,
  OptimStepResult,
  SavedForSamplerResult,
  SavedResult,
  SaveWeightsForSamplerRequest,
  SaveWeightsRequest,
  Submitted,
  WireAdamParams,
} from "./training.ts";
