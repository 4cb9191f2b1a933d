import type { ModelConfig } from "../model/model-config.ts";

/** Memory that the activations of one micro-batch may take where the caller names no budget. */
export const ACTIVATION_BYTES = 2 ** 30;

/** Lanes of about this length are assumed where no batch is known yet. */
const ASSUMED_LANE = 256;

/** Memory of a layer's activations and all that its gradient makes of them, over that of the activations. */
const WITH_GRADIENT = 5;

/** Which activations a run holds at a time: those of all layers, or of one and the borders between layers. */
export type Activations = "all layers" | "one layer";

/**
 * Bytes of the activations of so many positions that each see `seen` positions. A layer has about 12 vectors of the hidden
 * size, 4 of the MLP's and a row of probabilities for each head (agrees with measured memory to a fifth). A gradient
 * needs those of all layers, or with recomputation one vector a layer and, of one layer, these and what its gradient makes of
 * them: at most five times as much (1.3 GiB were measured for 3,000 positions of SmolLM2 that see up to 860).
 */
export function activationBytes(
  config: ModelConfig,
  kept: Activations,
  positions: number,
  seen: number,
): number {
  const { hiddenSize, intermediateSize, heads, layers } = config;
  const perLayer = 12 * hiddenSize + 4 * intermediateSize + heads * seen;
  const floats = kept === "one layer" ? layers * hiddenSize + WITH_GRADIENT * perLayer : layers * perLayer;
  return positions * floats * Float32Array.BYTES_PER_ELEMENT;
}

/** Narrow models gain next to nothing from more positions than this (4 % at most were measured), and need fewer different sizes where many batches are full. */
const NARROW = { hiddenSize: 256, budget: 1024 };

/** Positions of a micro-batch whose activations fit about 1 GiB, at most 4096: more gain no speed on a CPU. */
export function defaultTokenBudget(config: ModelConfig, kept: Activations): number {
  const budget = Math.floor(ACTIVATION_BYTES / activationBytes(config, kept, 1, ASSUMED_LANE));
  const most = config.hiddenSize <= NARROW.hiddenSize ? NARROW.budget : 4096;
  return Math.min(most, Math.max(128, budget));
}
