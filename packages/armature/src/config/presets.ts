import { BRADLEY_TERRY_KIND_DEFAULTS, BRADLEY_TERRY_PRESETS } from "./bradley-terry-presets.ts";
import { PAIR_KIND_DEFAULTS, POLICY_KIND_DEFAULTS, POLICY_PRESETS } from "./policy-presets.ts";
import type { Preset } from "./preset.ts";
import type { ArmRecipe, MethodName, SftRecipe } from "./recipe-schema.ts";

/**
 * Rubric-ARM as published (arXiv 2602.01511, tables 9 and 11, appendix A): Qwen3-8B twice, three rounds on disjoint parts.
 * Batches of 224 and 288 completions are 32 pairs by 7 judgements and 48 prompts by 6 rubrics. Model, data and the number
 * of pairs are the user's.
 */
const paper: Preset<ArmRecipe> = {
  seed: 0,
  model: { kind: "path", generator: null, judge: null, lora: null, threads: null, url: null },
  data: {
    kind: "files",
    heldOut: [],
    heldOutShare: 0.1,
    maxPromptTokens: 4096,
    overlong: "drop",
    badRows: "strict",
  },
  warmup: null,
  rounds: 3,
  order: "judge-first",
  cacheRubrics: true,
  // Not published.
  cacheTemperature: 1,
  trainJudge: true,
  trainGenerator: true,
  staticRubric: null,
  judge: {
    groupSize: 7,
    pairsPerBatch: 32,
    passes: 1,
    minibatches: 1,
    innerUpdates: 2,
    learningRate: 1e-6,
    temperature: 1,
    maxTokens: 1024,
    klBeta: 0.001,
    // Not published.
    klEstimator: "k3",
    // The paper adds a format reward without its scale.
    formatReward: 1,
  },
  generator: {
    groupSize: 6,
    pairsPerBatch: 48,
    passes: 1,
    minibatches: 1,
    innerUpdates: 2,
    learningRate: 1e-6,
    temperature: 1,
    maxTokens: 512,
    klBeta: 0.001,
    // Not published.
    klEstimator: "k3",
    // The paper has no format term for the generator: a rubric without form is worth what a wrong verdict is.
    invalidReward: 0,
  },
  grpo: {
    clipLow: 0.2,
    clipHigh: 0.28,
    // The paper says "group-normalized" without the formula.
    advantageStd: "group",
    lossNormalization: "sequence-mean",
    constantGroups: "keep",
    // Not published; the authors' later code trains at a constant rate.
    learningRateSchedule: "constant",
  },
  // AdamW by the paper; its numbers are not published.
  adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  // Table 11: rubrics greedy, judgements at temperature 1, votes of five.
  evaluation: { pairs: 1000, everyPhasePairs: 200, judgeTemperature: 1, votes: 5, bootstrapSamples: 1000 },
  output: { commitEvery: 1, examples: 6 },
};

/**
 * For the nano models of the controlled world, where the paper's 1e-6 and 0.001 do nothing: larger rates that fall over the
 * rounds, and a KL term that keeps the judge's verdicts true while only its winner is rewarded.
 */
const sandbox: Preset<ArmRecipe> = {
  ...paper,
  // Nano shapes gain nothing from a second thread, and lose where two threads share a core.
  model: { kind: "sandbox", generator: null, judge: null, threads: 1, url: null },
  data: { kind: "sandbox", labelNoise: 0.05 },
  rounds: 4,
  pairsPerRound: 384,
  judge: {
    groupSize: 7,
    pairsPerBatch: 64,
    passes: 1,
    minibatches: 2,
    innerUpdates: 1,
    learningRate: 5e-4,
    temperature: 1,
    maxTokens: 64,
    klBeta: 0.4,
    // Its gradient is, on average over the policy's own samples, that of the exact KL.
    klEstimator: "k2",
    formatReward: 0.2,
  },
  generator: {
    groupSize: 6,
    pairsPerBatch: 64,
    passes: 3,
    minibatches: 3,
    innerUpdates: 1,
    learningRate: 1.5e-3,
    temperature: 1,
    maxTokens: 32,
    klBeta: 0.1,
    klEstimator: "k2",
    invalidReward: -1,
  },
  grpo: {
    clipLow: 0.2,
    clipHigh: 0.28,
    advantageStd: "group",
    lossNormalization: "sequence-mean",
    constantGroups: "drop",
    learningRateSchedule: "linear",
  },
  adam: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  evaluation: { pairs: 1000, everyPhasePairs: 120, judgeTemperature: 0, votes: 5, bootstrapSamples: 1000 },
};

/** Supervised fine-tuning of a small adapter. */
const adapter: Preset<SftRecipe> = {
  seed: 0,
  model: {
    kind: "path",
    checkpoint: null,
    lora: { rank: 16, alpha: 32, targets: ["attention", "mlp"] },
    threads: null,
    url: null,
  },
  epochs: 1,
  batchSize: 16,
  learningRate: 2e-4,
  learningRateSchedule: "cosine",
  warmupSteps: 10,
  maxTokens: 2048,
  adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  output: { commitEvery: 10 },
};

/** Presets by method; the first one is taken where a recipe names none. */
export const PRESETS: Readonly<Record<MethodName, Readonly<Record<string, Preset<unknown>>>>> = {
  arm: { paper, sandbox },
  sft: { adapter },
  ...POLICY_PRESETS,
  "bradley-terry": BRADLEY_TERRY_PRESETS,
};

/** Values of a section's kinds, for recipes that choose another kind than their preset. */
export const KIND_DEFAULTS: Readonly<Record<MethodName, Readonly<Record<string, readonly object[]>>>> = {
  arm: { model: [paper.model!, sandbox.model!], data: [paper.data!, sandbox.data!] },
  sft: {},
  grpo: POLICY_KIND_DEFAULTS,
  dpo: PAIR_KIND_DEFAULTS,
  "best-of-n": POLICY_KIND_DEFAULTS,
  "bradley-terry": BRADLEY_TERRY_KIND_DEFAULTS,
  "sft-chosen": PAIR_KIND_DEFAULTS,
};
