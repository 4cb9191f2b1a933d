import type { BradleyTerryRecipe } from "./bradley-terry-recipe.ts";
import type { Preset } from "./preset.ts";

/** An adapter on a small local model. */
const adapter: Preset<BradleyTerryRecipe> = {
  seed: 0,
  model: { kind: "path", lora: { rank: 16, alpha: 32, targets: ["attention", "mlp"] }, threads: null },
  data: {
    kind: "files",
    heldOut: [],
    heldOutShare: 0.1,
    pairs: null,
    maxTokens: 1024,
    overlong: "drop",
    badRows: "strict",
  },
  epochs: 1,
  pairsPerBatch: 16,
  learningRate: 1e-4,
  learningRateSchedule: "cosine",
  warmupSteps: 5,
  loss: { margin: 0, marginScale: 1, centring: 0.01, prior: null },
  adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  evaluation: { pairs: 500, watchingPairs: 0, everySteps: 20, bootstrapSamples: 1000 },
  output: { commitEvery: 5 },
};

/**
 * For the controlled world. Without a strong weight decay nano models learn the pairs by heart, see docs/scalar-rewards.md: what
 * they have to find, which attribute counts for whom, is worth more than each pair tells.
 */
const sandbox: Preset<BradleyTerryRecipe> = {
  ...adapter,
  // Nano shapes gain nothing from a second thread, and lose where two threads share a core.
  model: { kind: "sandbox", body: "policy", threads: 1 },
  data: { kind: "sandbox", pairs: 1536, labelNoise: 0.05 },
  epochs: 20,
  pairsPerBatch: 32,
  learningRate: 2e-3,
  learningRateSchedule: "linear",
  warmupSteps: 10,
  adam: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 1, clipNorm: 1 },
  evaluation: { pairs: 1000, watchingPairs: 200, everySteps: 96, bootstrapSamples: 1000 },
  output: { commitEvery: 96 },
};

/** Presets of the method; the first one is taken where a recipe names none. */
export const BRADLEY_TERRY_PRESETS = { adapter, sandbox } as const;

/** Values of each kind of model and data. */
export const BRADLEY_TERRY_KIND_DEFAULTS = {
  model: [adapter.model!, sandbox.model!],
  data: [adapter.data!, sandbox.data!],
};
