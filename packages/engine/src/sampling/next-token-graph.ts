import { exp, mul, reduceMax, reduceSum, reshape, sub } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ModelConfig } from "../model/model-config.ts";
import type { Results } from "../runtime/session.ts";
import type { ActivationLayout, Activations } from "./activations.ts";
import type { DecoderNetwork } from "./decoder-network.ts";
import { names } from "./graph-names.ts";
import type { TokenDistributions } from "./next-token.ts";

/**
 * What `readDistributions` reads: the distributions of the tokens that follow activations x. The exponentials are the
 * graph's work because they take ten times as long in JavaScript. Where `tempered`, `inverseTemperatures` float32 [batch]
 * are read.
 */
export function nextTokenOutputs(
  network: DecoderNetwork,
  x: Activations,
  tempered: boolean,
): Record<string, Tensor> {
  const logits = network.logits(network.finalNorm(x));
  const axis = logits.columns ? 0 : 1;
  const batch = logits.tensor.shape[1 - axis]!;
  const shifted = sub(logits.tensor, reduceMax(logits.tensor, axis));
  const raw = exp(shifted);
  if (!tempered) return { [names.weights]: raw, [names.masses]: reduceSum(raw, axis) };
  const inverseTemperatures = network.input(names.inverseTemperatures, [batch]);
  const factors = reshape(inverseTemperatures, logits.columns ? [1, batch] : [batch, 1]);
  const weights = exp(mul(shifted, factors));
  return {
    [names.weights]: weights,
    [names.masses]: reduceSum(weights, axis),
    [names.rawMasses]: reduceSum(raw, axis),
  };
}

/** The distributions among the results of a run of a graph in this layout. */
export function readDistributions(
  results: Results,
  { vocabularySize }: ModelConfig,
  layout: ActivationLayout,
): TokenDistributions {
  const weights = results[names.weights]!;
  const masses = results[names.masses]!;
  const columns = layout === "columns";
  return {
    vocabularySize,
    weights,
    rowStride: columns ? 1 : vocabularySize,
    tokenStride: columns ? masses.length : 1,
    masses,
    rawMasses: results[names.rawMasses] ?? masses,
  };
}
