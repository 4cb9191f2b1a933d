import {
  add,
  concat,
  constant,
  gatherRows,
  log,
  pickColumn,
  reduceMax,
  slice,
  softmax,
  sub,
} from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type ActivationLayout, type Activations, asRows, rowsOf } from "./activations.ts";
import { cachedAttention, causalAttention, type KeysAndValues, lastQueries } from "./attention.ts";
import { DecoderNetwork, type SampledModel } from "./decoder-network.ts";
import { distributionOutputs } from "./next-token-graph.ts";

/** Names of what the graphs read beside weights and rotary tables, and of what they return beside distributions. */
export const names = {
  tokens: "tokens",
  lengths: "lengths",
  inverseTemperatures: "inverseTemperatures",
  targets: "targets",
  cachedKey: (layer: number) => `cached.key.${layer}`,
  cachedValue: (layer: number) => `cached.value.${layer}`,
  newKey: (layer: number) => `new.key.${layer}`,
  newValue: (layer: number) => `new.value.${layer}`,
  logprobs: "logprobs",
} as const;

export interface DecodeShape {
  readonly batch: number;
  /** Room for tokens in the cache. */
  readonly slots: number;
  readonly layout: ActivationLayout;
  /** True where rows have temperatures: `inverseTemperatures` float32 [batch] is then read. */
  readonly tempered: boolean;
}

/**
 * One decoding step: reads the cache, `lengths` int32 [batch] (tokens in each row of it) and the next `tokens` int32
 * [batch]. Returns the distributions of the tokens after them and, of the cache, only the new keys and values
 * [batch, keyValueHeads, 1, headDim] of each layer.
 */
export function decodeGraph(model: SampledModel, shape: DecodeShape): Record<string, Tensor> {
  const { batch, slots } = shape;
  const { layers, keyValueHeads, headDim } = model.config;
  const network = new DecoderNetwork(model, shape.layout);
  const attend = cachedAttention(network, network.input(names.lengths, [batch], "int32"), slots);
  const cacheShape = [batch, keyValueHeads, slots, headDim];
  const outputs: Record<string, Tensor> = {};
  let x = network.embed(network.input(names.tokens, [batch], "int32"));
  for (let layer = 0; layer < layers; layer++)
    x = network.layer(layer, x, (projections) => {
      const cached = {
        key: network.input(names.cachedKey(layer), cacheShape),
        value: network.input(names.cachedValue(layer), cacheShape),
      };
      const { context, ...made } = attend(projections, cached);
      Object.assign(outputs, cacheOutputs(layer, made));
      return context;
    });
  return { ...outputs, ...nextTokens(network, x, shape.tempered) };
}

export interface PrefillShape {
  readonly prompts: number;
  /** Tokens of each prompt with its padding. */
  readonly length: number;
  readonly tempered: boolean;
  /** True where keys and values are wanted for decoding. */
  readonly cached: boolean;
}

/**
 * Whole prompts: reads `tokens` int32 [prompts · length], padded at the end, and the `lengths` int32 [prompts]. Returns the
 * distributions of the tokens after them and the keys and values [prompts, keyValueHeads, length, headDim] of each layer.
 */
export function prefillGraph(model: SampledModel, shape: PrefillShape): Record<string, Tensor> {
  const { prompts, length } = shape;
  const network = new DecoderNetwork(model, "rows");
  const lengths = network.input(names.lengths, [prompts], "int32");
  const attend = causalAttention(network, prompts, length);
  // After keys and values of the last layer, only the last token of each prompt goes on.
  const lastLayer = model.config.layers - 1;
  const queries = lastQueries(network, lengths, length);
  const before = Array.from({ length: prompts }, (_, prompt) => prompt * length - 1);
  const lastTokens = add(constant(before, [prompts], "int32"), lengths);
  const pickLast = (all: Activations) => asRows(gatherRows(rowsOf(all), lastTokens));
  const outputs: Record<string, Tensor> = {};
  let x = network.embed(network.input(names.tokens, [prompts * length], "int32"));
  for (let layer = 0; layer <= lastLayer; layer++) {
    const isLast = layer === lastLayer;
    x = network.layer(
      layer,
      x,
      (projections) => {
        const { context, ...made } = attend(projections, isLast ? queries : undefined);
        if (shape.cached) Object.assign(outputs, cacheOutputs(layer, made));
        return context;
      },
      isLast ? pickLast : undefined,
    );
  }
  return { ...outputs, ...nextTokens(network, x, shape.tempered) };
}

/** Tokens whose logits are in memory at a time while sequences are scored. */
const TOKENS_PER_HEAD = 128;

/**
 * Logprobs of given tokens: reads `tokens` and `targets` int32 [sequences · length] and returns the logprob of each target
 * as the token after those up to its place, [sequences · length, 1].
 */
export function scoreGraph(model: SampledModel, sequences: number, length: number): Record<string, Tensor> {
  const network = new DecoderNetwork(model, "rows");
  const count = sequences * length;
  const attend = causalAttention(network, sequences, length);
  let x = network.embed(network.input(names.tokens, [count], "int32"));
  for (let layer = 0; layer < model.config.layers; layer++)
    x = network.layer(layer, x, (projections) => attend(projections).context);
  const hidden = rowsOf(network.finalNorm(x));
  const targets = network.input(names.targets, [count], "int32");
  const pieces: Tensor[] = [];
  for (let start = 0; start < count; start += TOKENS_PER_HEAD) {
    const end = Math.min(start + TOKENS_PER_HEAD, count);
    const logits = rowsOf(network.logits(asRows(slice(hidden, 0, start, end))));
    const chosen = pickColumn(logits, slice(targets, 0, start, end));
    // ln Σ exp(logit) = largest logit − ln(largest probability): two maxima, which are cheap.
    const normalizer = sub(reduceMax(logits, 1), log(reduceMax(softmax(logits), 1)));
    pieces.push(sub(chosen, normalizer));
  }
  return { [names.logprobs]: concat(pieces, 0) };
}

function cacheOutputs(layer: number, { key, value }: KeysAndValues): Record<string, Tensor> {
  return { [names.newKey(layer)]: key, [names.newValue(layer)]: value };
}

function nextTokens(network: DecoderNetwork, x: Activations, tempered: boolean): Record<string, Tensor> {
  const logits = network.logits(network.finalNorm(x));
  const batch = logits.tensor.shape[logits.columns ? 1 : 0]!;
  return distributionOutputs(
    logits,
    tempered ? network.input(names.inverseTemperatures, [batch]) : undefined,
  );
}
