import { z } from "zod";
import { AGGREGATORS, type AggregatorName } from "../reward/aggregators.ts";
import { RUBRIC_RULES } from "../sandbox/request-rubrics.ts";
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

const AGGREGATOR_NAMES = Object.keys(AGGREGATORS) as AggregatorName[];

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

/** The sandbox's hidden reward, which no method may see outside of it: the upper bound. */
const sandboxTruth = z.strictObject({ kind: z.literal("sandbox-truth") });

/** Rubric-ARM's reference-relative reward (equation 16), and its consistent pairs for offline methods. */
const rubricArm = z.strictObject({
  kind: z.literal("rubric-arm"),
  /** Run of method `arm`; null takes the sandbox's warm-up models. */
  run: path.nullable(),
  /**
   * A direct judge, by this rubric in place of the generator's; `generic` is what can be asked without learning: in the sandbox
   * the request's rules and two principles of every note, elsewhere the criteria of RaR-Predefined.
   */
  rubric: z.string().min(1).nullable(),
  /** 0 is greedy; the paper is silent. */
  temperature: notNegative,
});

/** A rubric whose criteria are verified by program, the same one for every prompt. */
const programRubric = z.strictObject({
  kind: z.literal("program-rubric"),
  /** Rubric file of any known format with one rubric, whose criteria name their programs as `verifier`. */
  rubricFile: path,
  aggregation: z.enum(AGGREGATOR_NAMES),
});

/** Pointwise rubric rewards of the sandbox: a rubric for each prompt, a reader of verdicts, an aggregation. */
const sandboxRubric = z.strictObject({
  kind: z.literal("sandbox-rubric"),
  /**
   * Where rubrics come from: a rule of the sandbox (`oracle`, `teacher`, `stereotype`, `generic`), the greedy rubrics of
   * `run`'s generator, or `rubricFile`.
   */
  rubrics: z.enum([...RUBRIC_RULES, "generator", "file"]),
  /** Rubrics in any format, joined to prompts by their messages; null for the other sources. */
  rubricFile: path.nullable(),
  /** Run of method `arm` for `generator` and `nano-judge`; null takes the sandbox's warm-up models. */
  run: path.nullable(),
  /** Who gives the verdicts: a program, or the pairwise nano judge of `run`, shown each response beside itself. */
  reader: z.enum(["program", "nano-judge"]),
  /** Chance that the program turns a verdict round. */
  verdictNoise: z.number().min(0).max(0.5),
  /** An aggregator of verdicts, or a scripted rating: of the rubric as a whole, or without rubric. */
  scoring: z.enum([...AGGREGATOR_NAMES, "implicit", "likert", "reference-likert"]),
  /** Categories of criteria that count; criteria without category always do. */
  categories: z.array(z.enum(["essential", "important", "optional", "pitfall"])).min(1),
  /** False makes all criteria count alike, whatever their category and weight. */
  labels: z.boolean(),
});

const reward = z.discriminatedUnion("kind", [sandboxTruth, rubricArm, programRubric, sandboxRubric]);

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
  reward,
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

const curriculum = z.strictObject({
  /** A response counts as a success where its reward is at least this. */
  successAt: z.number(),
  /** Prompts looked at for each one that is taken. */
  pool: z.int().min(2),
  /** Ranks prompts by E[p(1 − p)] of the success rate's Beta posterior, or by p(1 − p) of a draw from it. */
  choice: z.enum(["expected", "thompson"]),
  /** Weight of a prompt's earlier outcomes at each new one. */
  decay: z.number().min(0).max(1),
});

/** Online GRPO of a policy. */
export const grpoRecipe = z
  .strictObject({
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
    /** Where the KL term acts: in the loss, subtracted from the reward, or in the advantage of each token. */
    klPlacement: z.enum(["loss", "reward", "advantage"]),
    grpo: z.strictObject(policyUpdate),
    /**
     * Most further samplings of a batch until it has `promptsPerBatch` groups with differing rewards, each of as many prompts as
     * are missing; 0 is off. Where it is on, groups with equal rewards are left out of the batch.
     */
    refills: z.int().min(0),
    /** Responses near the longest length, or cut there. */
    overlong: z.strictObject({
      /** Leaves cut-off responses out of the loss; their rewards still count in their group. */
      mask: z.boolean(),
      /** Tokens before `maxTokens` over which a penalty on the reward grows; 0 is off. */
      buffer: z.int().min(0),
      /** The penalty at `maxTokens`. */
      penalty: notNegative,
    }),
    /** What rewards are measured against: the group's mean, weighted by nothing, by lengths or by squared scores. */
    baseline: z.enum(["mean", "length", "score"]),
    /** Responses of each group that are trained on, chosen for the largest variance of rewards; null takes all. */
    trainedRollouts: z.int().min(2).nullable(),
    /** Prefers prompts that the policy solves about half of the time; null takes prompts in turn. */
    curriculum: curriculum.nullable(),
    /** Updates that the policy is ahead of the weights that sampled a batch; 0 is synchronous. */
    staleness: z.int().min(0),
  })
  .superRefine(({ trainedRollouts, groupSize, overlong, maxTokens }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if (trainedRollouts !== null && trainedRollouts > groupSize)
      refuse(
        ["trainedRollouts"],
        `${trainedRollouts} of groups of ${groupSize}; give at most groupSize, or null`,
      );
    if (overlong.buffer > maxTokens)
      refuse(
        ["overlong", "buffer"],
        `${overlong.buffer} is longer than the longest response; give at most maxTokens`,
      );
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
export type SandboxRubricRecipe = z.infer<typeof sandboxRubric>;
export type RewardRecipe = z.infer<typeof reward>;
