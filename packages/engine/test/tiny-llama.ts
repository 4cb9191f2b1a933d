import { matmul } from "../src/graph/build.ts";
import { evaluate } from "../src/graph/evaluate.ts";
import { BATCH_INPUTS } from "../src/model/batch-shape.ts";
import { initializeParameters } from "../src/model/initialize.ts";
import { type LoraConfig, loraParameters } from "../src/model/lora.ts";
import type { ModelConfig } from "../src/model/model-config.ts";
import { baseParameters, ParameterStore } from "../src/model/parameters.ts";
import { rotaryTables } from "../src/model/rotary.ts";
import { buildTransformer } from "../src/model/transformer.ts";
import { SeededStream } from "../src/random/seeded-stream.ts";

/** A Llama small enough for the interpreter, with grouped heads. */
export const tinyConfig: ModelConfig = {
  vocabularySize: 29,
  hiddenSize: 16,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headDim: 4,
  intermediateSize: 24,
  ropeTheta: 10_000,
  normEpsilon: 1e-5,
  tiedEmbeddings: true,
  maxContextLength: 128,
  eosTokenIds: [],
};

/** Random weights, adapters included (their B matrices too, so that they count). */
export function randomModel(config: ModelConfig, seed: number, lora?: LoraConfig): ParameterStore {
  const store = new ParameterStore([
    ...baseParameters(config),
    ...(lora ? loraParameters(config, lora) : []),
  ]);
  initializeParameters(store, config, seed, { embedding: 0.4, projection: 3 });
  for (const { name, values } of store.trainable) {
    if (!name.includes(".lora_")) continue;
    const stream = new SeededStream(seed, name);
    values.forEach((_, i) => {
      values[i] = 0.3 * stream.normal();
    });
  }
  return store;
}

/** Logits [tokens, vocabulary] of the training graph, computed by the interpreter in float64. */
export function referenceLogits(
  config: ModelConfig,
  store: ParameterStore,
  tokens: readonly number[],
  lora?: LoraConfig,
): Float64Array[] {
  const time = tokens.length;
  const { head, weights } = buildTransformer(
    config,
    {
      groups: 1,
      prefixTime: 0,
      lanes: 1,
      laneTime: time,
      selected: time,
      barePrefix: false,
      sharedMask: true,
    },
    lora,
  );
  const terms = head.map(({ features, table }) => matmul(features, table, { transB: true }));
  const { cos, sin } = rotaryTables(config, time);
  const positions = tokens.map((_, position) => position);
  const parts = evaluate(terms, {
    ...Object.fromEntries([...weights.keys()].map((name) => [name, store.get(name).values])),
    [BATCH_INPUTS.tokens]: tokens,
    [BATCH_INPUTS.positions]: positions,
    [BATCH_INPUTS.mask]: positions.flatMap((query) => positions.map((key) => (key > query ? -1e9 : 0))),
    [BATCH_INPUTS.cos]: cos,
    [BATCH_INPUTS.sin]: sin,
    [BATCH_INPUTS.selected]: positions,
  });
  return positions.map((position) =>
    Float64Array.from({ length: config.vocabularySize }, (_, token) =>
      parts.reduce((sum, part) => sum + part[position * config.vocabularySize + token]!, 0),
    ),
  );
}

/** ln softmax of one row of logits at a token. */
export function logprobOf(logits: Float64Array, token: number): number {
  const largest = Math.max(...logits);
  return (
    logits[token]! - largest - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0))
  );
}
