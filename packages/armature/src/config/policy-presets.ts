import type { BestOfNRecipe, DpoRecipe, GrpoRecipe, SftChosenRecipe } from "./policy-recipe.ts";
import type { Preset } from "./preset.ts";
import { REWARD_DEFAULTS } from "./reward-recipe.ts";

const paperModel = { kind: "path", checkpoint: null, lora: null, threads: null, url: null } as const;
// Nano shapes gain nothing from a second thread, and lose where two threads share a core.
const sandboxModel = { kind: "sandbox", checkpoint: null, threads: 1, url: null } as const;
const fileData = {
  kind: "files" as const,
  heldOut: [],
  heldOutShare: 0.1,
  maxPromptTokens: 1024,
  badRows: "strict" as const,
};
const ownPairs = { kind: "own", responses: 2, pairsPerPrompt: 1 } as const;
const sandboxPairs = { kind: "sandbox", count: 2048, labelNoise: 0.05, heldOut: 200 } as const;
const filePairs = { kind: "files" as const, maxTokens: 2048, badRows: "strict" as const, heldOut: 200 };
const [rubricArm] = REWARD_DEFAULTS;

/** What all methods of the paper's size share; lr and β by table 9. */
const paperShared: Preset<Omit<SftChosenRecipe, "method">> = {
  seed: 0,
  model: paperModel,
  data: fileData,
  reward: rubricArm,
  maxTokens: 2048,
  // Not published.
  learningRateSchedule: "constant",
  warmupSteps: 0,
  // AdamW by the paper; its numbers are not published.
  adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  evaluation: { prompts: 200, samples: 1, temperature: 1, every: 0, bootstrapSamples: 1000 },
  output: { commitEvery: 1, examples: 6 },
};

/** Switches of GRPO that the paper does not have. */
const grpoPlain = {
  klPlacement: "loss",
  refills: 0,
  overlong: { mask: false, buffer: 0, penalty: 1 },
  baseline: "mean",
  trainedRollouts: null,
  curriculum: null,
  staleness: 0,
} as const;

const sandboxShared: Preset<Omit<SftChosenRecipe, "method">> = {
  ...paperShared,
  model: sandboxModel,
  data: { kind: "sandbox" },
  maxTokens: 40,
  learningRateSchedule: "linear",
  adam: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  evaluation: { prompts: 400, samples: 2, temperature: 1, every: 10, bootstrapSamples: 1000 },
  output: { commitEvery: 5, examples: 6 },
};

/** Rubric-ARM's online policy training (table 9, section 4.3): 48 prompts by 6 responses make its batch of 288. */
const grpoPaper: Preset<GrpoRecipe> = {
  ...paperShared,
  temperature: 1,
  promptsPerBatch: 48,
  groupSize: 6,
  minibatches: 1,
  innerUpdates: 2,
  learningRate: 5e-7,
  klBeta: 0.001,
  klEstimator: "k3",
  grpo: {
    clipLow: 0.2,
    clipHigh: 0.28,
    advantageStd: "group",
    lossNormalization: "sequence-mean",
    constantGroups: "keep",
  },
  ...grpoPlain,
};

const grpoSandbox: Preset<GrpoRecipe> = {
  ...sandboxShared,
  temperature: 1,
  steps: 60,
  promptsPerBatch: 64,
  groupSize: 6,
  minibatches: 1,
  innerUpdates: 1,
  // Tuned by the true reward, see docs/log.md.
  learningRate: 3e-3,
  klBeta: 0.005,
  klEstimator: "k2",
  grpo: {
    clipLow: 0.2,
    clipHigh: 0.28,
    advantageStd: "group",
    lossNormalization: "sequence-mean",
    constantGroups: "drop",
  },
  ...grpoPlain,
};

/** Rubric-ARM's offline policy training (table 9): β 0.1, SFT mixing weight 0.2, batches of 64 pairs, one epoch. */
const dpoPaper: Preset<DpoRecipe> = {
  ...paperShared,
  temperature: 1,
  pairs: ownPairs,
  rounds: 1,
  // Not published.
  promptsPerRound: 1024,
  epochs: 1,
  batchSize: 64,
  learningRate: 8e-7,
  loss: "sigmoid",
  beta: 0.1,
  labelSmoothing: 0,
  sftWeight: 0.2,
  reference: "start",
};

const dpoSandbox: Preset<DpoRecipe> = {
  ...sandboxShared,
  temperature: 1,
  pairs: ownPairs,
  rounds: 1,
  promptsPerRound: 1024,
  epochs: 2,
  batchSize: 64,
  // At three times of it and more the policy moves to texts that are no notes, see docs/log.md.
  learningRate: 3e-4,
  loss: "sigmoid",
  beta: 0.1,
  labelSmoothing: 0,
  sftWeight: 0.2,
  reference: "start",
};

/** Iterative DPO; whether the reference moves is not published, here it starts each round afresh. */
const dpoIterative: Preset<DpoRecipe> = {
  ...dpoSandbox,
  pairs: { ...ownPairs, responses: 4, pairsPerPrompt: 2 },
  rounds: 4,
  promptsPerRound: 400,
  epochs: 1,
  reference: "round",
};

const bestOfNSandbox: Preset<BestOfNRecipe> = {
  ...sandboxShared,
  temperature: 1,
  rounds: 1,
  promptsPerRound: 512,
  n: 4,
  epochs: 2,
  batchSize: 32,
  learningRate: 5e-4,
};

const sftChosenSandbox: Preset<SftChosenRecipe> = {
  ...sandboxShared,
  pairs: sandboxPairs,
  epochs: 1,
  batchSize: 32,
  learningRate: 5e-4,
};

/** Presets of the policy methods; the first one is taken where a recipe names none. */
export const POLICY_PRESETS = {
  grpo: { paper: grpoPaper, sandbox: grpoSandbox },
  dpo: { paper: dpoPaper, sandbox: dpoSandbox, iterative: dpoIterative },
  "best-of-n": { sandbox: bestOfNSandbox },
  "sft-chosen": { sandbox: sftChosenSandbox },
} as const;

/** Values of a section's kinds. */
export const POLICY_KIND_DEFAULTS = {
  model: [paperModel, sandboxModel],
  data: [fileData],
  reward: REWARD_DEFAULTS,
} as const;

/** The same for methods that can be given pairs. */
export const PAIR_KIND_DEFAULTS = {
  ...POLICY_KIND_DEFAULTS,
  pairs: [ownPairs, sandboxPairs, filePairs],
} as const;
