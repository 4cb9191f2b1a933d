import { z } from "zod";
import {
  adam,
  badRows,
  commitEvery,
  count,
  klEstimator,
  learningRateSchedule,
  lora,
  notNegative,
  path,
  policyUpdate,
  positive,
  seed,
  threads,
  url,
} from "./recipe-parts.ts";
import { rewardRecipe } from "./reward-recipe.ts";

/** Recipes that post-train a policy with a reward. */

const sandboxPolicy = z.strictObject({
  kind: z.literal("sandbox"),
  /** Checkpoint to start from; null takes the warm-up checkpoint that comes with Armature. */
  checkpoint: path.nullable(),
  threads,
  url,
});

const pathPolicy = z.strictObject({
  kind: z.literal("path"),
  /** A GGUF file, a folder in Hugging Face layout, or a llama2.c file. */
  path,
  /** Checkpoint to start from (an adapter, or full weights where `lora` is null); null starts from the base model. */
  checkpoint: path.nullable(),
  /** null trains all weights. */
  lora: lora.nullable(),
  threads,
  url,
});

const model = z.discriminatedUnion("kind", [sandboxPolicy, pathPolicy]);

const sandboxPrompts = z.strictObject({ kind: z.literal("sandbox") });

const filePrompts = z.strictObject({
  kind: z.literal("files"),
  /** Files of prompts, or of preference pairs whose prompts are taken. */
  prompts: z.array(path).min(1),
  /** Empty sets `heldOutShare` of the prompts aside, chosen by their hash. */
  heldOut: z.array(path),
  heldOutShare: z.number().min(0).max(0.9),
  /** Longest prompt in tokens; longer ones are left out and counted. */
  maxPromptTokens: count,
  badRows,
});

const data = z.discriminatedUnion("kind", [sandboxPrompts, filePrompts]);

const evaluation = z.strictObject({
  /** Held-out prompts. */
  prompts: count,
  /** Responses a prompt. */
  samples: count,
  temperature: positive,
  /** Steps between two evaluations on the held-out prompts; 0 measures before and after only. */
  every: z.int().min(0),
  bootstrapSamples: count,
});

const output = z.strictObject({
  commitEvery,
  /** Held-out examples shown in the report. */
  examples: z.int().min(0),
});

const shared = {
  preset: z.string(),
  seed,
  model,
  data,
  reward: rewardRecipe,
  /** Longest response in tokens. */
  maxTokens: count,
  /** Of the responses that are learnt from. */
  temperature: positive,
  learningRate: positive,
  learningRateSchedule,
  warmupSteps: z.int().min(0),
  adam,
  evaluation,
  output,
};

/** Online GRPO of a policy. */
export const grpoRecipe = z.strictObject({
  method: z.literal("grpo"),
  ...shared,
  /** Batches of prompts. */
  steps: count,
  promptsPerBatch: count,
  /** Responses a prompt; the advantage is relative within them. */
  groupSize: z.int().min(2),
  /** Optimizer steps per pass over a batch's rollouts. */
  minibatches: count,
  /** Passes over the same rollouts. */
  innerUpdates: count,
  /** Weight of the KL term to the policy that the run starts from, normalised like the loss. */
  klBeta: notNegative,
  klEstimator,
  grpo: z.strictObject(policyUpdate),
  /** Most updates that the policy may be ahead of the weights that sampled a batch; 0 is synchronous. */
  staleness: z.int().min(0),
});

/** Direct preference optimisation on pairs of the policy's own responses; more than one round is iterative DPO. */
export const dpoRecipe = z.strictObject({
  method: z.literal("dpo"),
  ...shared,
  /** Sample, label, train: so often. */
  rounds: count,
  promptsPerRound: count,
  epochs: count,
  /** Pairs an optimizer step. */
  batchSize: count,
  /** Strength of the implicit KL bound. */
  beta: positive,
  /** Assumed share of wrong labels. */
  labelSmoothing: z.number().min(0).lt(0.5),
  /** Weight of the supervised term on the chosen response. */
  sftWeight: notNegative,
  /** Reference policy: the one that the run starts from, or the one that the round starts from. */
  reference: z.enum(["start", "round"]),
});

/** Supervised training on the best of n responses (rejection sampling). */
export const bestOfNRecipe = z.strictObject({
  method: z.literal("best-of-n"),
  ...shared,
  /** Sample, choose, train: so often. */
  rounds: count,
  promptsPerRound: count,
  /** Responses a prompt, of which the best is learnt. */
  n: z.int().min(2),
  epochs: count,
  batchSize: count,
});

export type GrpoRecipe = z.infer<typeof grpoRecipe>;
export type DpoRecipe = z.infer<typeof dpoRecipe>;
export type BestOfNRecipe = z.infer<typeof bestOfNRecipe>;
/** A recipe that post-trains a policy with a reward. */
export type PolicyRecipe = GrpoRecipe | DpoRecipe | BestOfNRecipe;
