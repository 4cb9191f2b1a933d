/**
 * Names of what the sampler's graphs read beside weights and rotary tables, and of what they return. The cache's blocks
 * come in pairs, one for each layer.
 */
export const names = {
  tokens: "tokens",
  lengths: "lengths",
  inverseTemperatures: "inverseTemperatures",
  targets: "targets",
  rowKey: (layer: number) => `row.key.${layer}`,
  rowValue: (layer: number) => `row.value.${layer}`,
  promptKey: (layer: number) => `prompt.key.${layer}`,
  promptValue: (layer: number) => `prompt.value.${layer}`,
  promptLengths: "prompt.lengths",
  rowOfPlace: "prompt.rowOfPlace",
  placeOfRow: "prompt.placeOfRow",
  newKey: (layer: number) => `new.key.${layer}`,
  newValue: (layer: number) => `new.value.${layer}`,
  weights: "next.weights",
  blockPeaks: "next.blockPeaks",
  blockMasses: "next.blockMasses",
  masses: "next.masses",
  rawMasses: "next.rawMasses",
  logprobs: "logprobs",
} as const;
