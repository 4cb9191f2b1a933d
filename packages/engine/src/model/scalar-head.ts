import { matmul } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import { SeededStream } from "../random/seeded-stream.ts";
import type { BatchShape } from "./batch-shape.ts";
import { type LoraConfig, loraParameters } from "./lora.ts";
import type { ModelConfig } from "./model-config.ts";
import {
  ADAPTED_SCORE,
  baseParameters,
  HEAD,
  type ParameterSpec,
  type ParameterStore,
  SCORE,
} from "./parameters.ts";
import { buildBody } from "./transformer.ts";

/** Standard deviation of a new head: `initializer_range` of Hugging Face's Llama. */
const HEAD_DEVIATION = 0.02;

/** Name of the head's weight, alone or beside an adapter. */
function scoreName(lora: LoraConfig | undefined): string {
  return lora ? ADAPTED_SCORE : SCORE;
}

/** All that is trained of a scalar model: the body or its adapters, and always the head. */
export function scalarParameters(config: ModelConfig, lora: LoraConfig | undefined): ParameterSpec[] {
  const body = lora
    ? loraParameters(config, lora)
    : baseParameters(config).filter(({ name }) => name !== HEAD);
  return [...body, { name: scoreName(lora), shape: [1, config.hiddenSize] }];
}

/** Starts the head with small normal numbers of a random stream of its own. */
export function initializeScoreHead(store: ParameterStore, lora: LoraConfig | undefined, seed: number): void {
  const stream = new SeededStream(seed, "init", SCORE);
  const { values } = store.get(scoreName(lora));
  for (let i = 0; i < values.length; i++) values[i] = HEAD_DEVIATION * stream.normal();
}

/** The forward pass of a scalar model: one score for each selected position, [selected, 1]. */
export function buildScalarModel(
  config: ModelConfig,
  shape: BatchShape,
  lora?: LoraConfig,
): { readonly scores: Tensor; readonly weights: ReadonlyMap<string, Tensor> } {
  const { features, weights, weight } = buildBody(config, shape, lora);
  const scores = matmul(features, weight(scoreName(lora), [1, config.hiddenSize]), { transB: true });
  return { scores, weights };
}
