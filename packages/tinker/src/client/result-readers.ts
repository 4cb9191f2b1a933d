import { z } from "zod";
import {
  CreateModelResult,
  decodeForwardBackwardOutput,
  decodeSampleResponse,
  ForwardBackwardOutput,
  LoadedResult,
  OptimStepResult,
  SampleResponse,
  SavedForSamplerResult,
  SavedResult,
} from "../wire/index.ts";
import type { ResultReader } from "./read-poll.ts";

const reader = <T>(
  type: ResultReader<T>["type"],
  json: z.ZodType<T>,
  protobuf?: (bytes: Uint8Array) => T,
): ResultReader<T> => ({ type, json, ...(protobuf && { protobuf }) });

/** How each kind of result is read. */
export const RESULTS = {
  createModel: reader("CreateModel", CreateModelResult),
  forward: reader("Forward", ForwardBackwardOutput, decodeForwardBackwardOutput),
  forwardBackward: reader("ForwardBackward", ForwardBackwardOutput, decodeForwardBackwardOutput),
  optimStep: reader("OptimStep", OptimStepResult),
  saved: reader("SaveWeights", SavedResult),
  savedForSampler: reader("SaveWeightsForSampler", SavedForSamplerResult),
  loaded: reader("LoadWeights", LoadedResult),
  unloaded: reader("UnloadModel", z.object({})),
  sample: reader("Sample", SampleResponse, decodeSampleResponse),
} as const;
