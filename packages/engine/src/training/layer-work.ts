import type { ModelConfig } from "../model/model-config.ts";

/** What mask, softmax and their gradients cost for one attention score, in multiply-adds (measured at width 96). */
const PER_SCORE = 50;

/** Estimated work of one layer, in multiply-adds of its forward pass: linear layers per token, attention per pair. */
export function layerWork(config: ModelConfig): (tokens: number, pairs: number) => number {
  const { hiddenSize, heads, keyValueHeads, headDim, intermediateSize } = config;
  const perToken = hiddenSize * (2 * (heads + keyValueHeads) * headDim + 3 * intermediateSize);
  const perPair = heads * (2 * headDim + PER_SCORE);
  return (tokens, pairs) => tokens * perToken + pairs * perPair;
}
