import { exp, mul, reduceMax, reduceSum, reshape, sub } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ModelConfig } from "../model/model-config.ts";
import type { Results } from "../runtime/session.ts";
import type { ActivationLayout, Activations } from "./activations.ts";
import type { DecoderNetwork } from "./decoder-network.ts";
import { evenPart } from "./even-part.ts";
import { names } from "./graph-names.ts";
import type { TokenDistributions } from "./next-token.ts";

/** Tokens of a block at most, and at least where the vocabulary can be divided. */
const BLOCK = 128;
const LEAST_BLOCK = 8;

const blockSize = (vocabularySize: number) => evenPart(vocabularySize, LEAST_BLOCK, BLOCK);

/**
 * What `readDistributions` reads: the distributions of the tokens that follow activations x. Exponentials, sums and maxima
 * are the graph's work because they take ten times as long in JavaScript. Where `tempered`, `inverseTemperatures` float32
 * [batch] are read.
 */
export function nextTokenOutputs(
  network: DecoderNetwork,
  x: Activations,
  tempered: boolean,
): Record<string, Tensor> {
  const logits = network.logits(network.finalNorm(x));
  const axis = logits.columns ? 0 : 1;
  const batch = logits.tensor.shape[1 - axis]!;
  const size = blockSize(network.config.vocabularySize);
  const blocks = network.config.vocabularySize / size;
  // [blocks, size, batch] or [batch, blocks, size] to [blocks, batch] or [batch, blocks].
  const ofBlocks = (reduce: typeof reduceMax, tokens: Tensor) =>
    reduce(reshape(tokens, logits.columns ? [blocks, size, batch] : [batch, blocks, size]), axis + 1, false);
  const peaks = ofBlocks(reduceMax, logits.tensor);
  const shifted = sub(logits.tensor, reduceMax(peaks, axis));
  const withMasses = (weights: Tensor) => {
    const masses = ofBlocks(reduceSum, weights);
    return {
      [names.weights]: weights,
      [names.blockPeaks]: peaks,
      [names.blockMasses]: masses,
      [names.masses]: reduceSum(masses, axis),
    };
  };
  const raw = exp(shifted);
  if (!tempered) return withMasses(raw);
  const inverseTemperatures = network.input(names.inverseTemperatures, [batch]);
  const factors = reshape(inverseTemperatures, logits.columns ? [1, batch] : [batch, 1]);
  return {
    ...withMasses(exp(mul(shifted, factors))),
    [names.rawMasses]: reduceSum(ofBlocks(reduceSum, raw), axis),
  };
}

/** The distributions among the results of a run of a graph in this layout. */
export function readDistributions(
  results: Results,
  { vocabularySize }: ModelConfig,
  layout: ActivationLayout,
): TokenDistributions {
  const masses = results[names.masses]!;
  const size = blockSize(vocabularySize);
  const columns = layout === "columns";
  return {
    vocabularySize,
    weights: results[names.weights]!,
    rowStride: columns ? 1 : vocabularySize,
    tokenStride: columns ? masses.length : 1,
    blockSize: size,
    blockPeaks: results[names.blockPeaks]!,
    blockMasses: results[names.blockMasses]!,
    blockRowStride: columns ? 1 : vocabularySize / size,
    blockStride: columns ? masses.length : 1,
    masses,
    rawMasses: results[names.rawMasses] ?? masses,
  };
}
