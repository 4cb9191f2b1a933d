import type { ModelConfig } from "../model/model-config.ts";

/**
 * An elementwise pass over attention scores takes about as long as this many multiply-adds of a matrix product; mask, softmax
 * and their gradients make about two passes for each of the forward pass (measured on ONNX Runtime's CPU kernels).
 */
const PASSES_PER_SCORE = 110;

/** Estimated work, in multiply-adds, of one layer over a row of a given length: linear layers plus dense attention. */
export function rowWork(config: ModelConfig): (length: number) => number {
  const { hiddenSize, heads, keyValueHeads, headDim, intermediateSize } = config;
  const perToken = hiddenSize * (2 * (heads + keyValueHeads) * headDim + 3 * intermediateSize);
  const perPair = heads * (2 * headDim + PASSES_PER_SCORE);
  return (length) => length * perToken + length * length * perPair;
}
