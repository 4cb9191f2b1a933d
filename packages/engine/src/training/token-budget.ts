import type { ModelConfig } from "../model/model-config.ts";

/** Memory that the activations of one micro-batch may take where the caller names no budget. */
const ACTIVATION_BYTES = 2 ** 30;

/** Attention probabilities are kept for every pair; lanes of about this length are assumed. */
const ASSUMED_LANE = 256;

/**
 * Positions of a micro-batch whose activations fit about 1 GiB, at most 4096: more gain no speed on a CPU. Kept for each
 * position and layer are about 12 vectors of the hidden size, 4 of the MLP's and a row of probabilities for each head
 * (agrees with measured memory to a fifth); with recomputation one vector a layer and all of these once.
 */
export function defaultTokenBudget(config: ModelConfig, recompute: boolean): number {
  const { hiddenSize, intermediateSize, heads, layers } = config;
  const perLayer = 12 * hiddenSize + 4 * intermediateSize + heads * ASSUMED_LANE;
  const floats = recompute ? layers * hiddenSize + perLayer : layers * perLayer;
  const budget = Math.floor(ACTIVATION_BYTES / (4 * floats));
  return Math.min(4096, Math.max(128, budget));
}
