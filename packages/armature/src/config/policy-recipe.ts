import { z } from "zod";
import { filePairs, ownPairs, sandboxPairs } from "./pairs-recipe.ts";
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

const withoutSampling = {
  preset: z.string(),
  seed,
  model,
  data,
  reward: rewardRecipe,
  /** Longest response in tokens. */
  maxTokens: count,
  learningRate: positive,
  learningRateSchedule,
  warmupSteps: z.int().min(0),
  adam,
  evaluation,
  output,
};

const shared = {
  ...withoutSampling,
  /** Of the responses that are learnt from. */
  temperature: positive,
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

/** Direct preference optimisation; with own pairs more than one round is iterative DPO. */
export const dpoRecipe = z
  .strictObject({
    method: z.literal("dpo"),
    ...shared,
    /** What is learnt from: own responses that the reward labels, or pairs that were labelled before. */
    pairs: z.discriminatedUnion("kind", [ownPairs, sandboxPairs, filePairs]),
    /** Sample, label, train: so often. Given pairs take one. */
    rounds: count,
    /** Of own pairs: distinct prompts. */
    promptsPerRound: count,
    /** Passes over a round's pairs. */
    epochs: count,
    /** Most pairs an optimizer step: where a round has fewer labelled pairs than comparisons, its steps share them evenly. */
    batchSize: count,
    /** `sigmoid` is DPO, `sigmoid-norm` divides by response lengths, `ipo` is IPO. */
    loss: z.enum(["sigmoid", "sigmoid-norm", "ipo"]),
    /** Strength of the implicit KL bound. */
    beta: positive,
    /** Assumed share of wrong labels. */
    labelSmoothing: z.number().min(0).lt(0.5),
    /** Weight of the supervised term, a mean over the chosen response's tokens. */
    sftWeight: notNegative,
    /** Reference policy: the one that the run starts from, or the one that the round starts from. */
    reference: z.enum(["start", "round"]),
  })
  .superRefine((recipe, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if (recipe.pairs.kind !== "own" && recipe.rounds > 1)
      refuse(["rounds"], "given pairs make one round; set it to 1 and raise epochs");
    if (recipe.pairs.kind === "own" && recipe.reward.kind === "none")
      refuse(["reward", "kind"], "own responses are labelled by a reward; name one, or give pairs");
    if (recipe.loss === "ipo" && recipe.labelSmoothing > 0)
      refuse(["labelSmoothing"], "the ipo loss takes none; set it to 0");
  });

/** Supervised training on the best of n responses (rejection sampling). */
export const bestOfNRecipe = z
  .strictObject({
    method: z.literal("best-of-n"),
    ...shared,
    /** Sample, choose, train: so often. */
    rounds: count,
    /** Distinct prompts. */
    promptsPerRound: count,
    /** Responses a prompt, of which the best is learnt. */
    n: z.int().min(2),
    /** Passes over a round's best responses. */
    epochs: count,
    /** Most responses an optimizer step. */
    batchSize: count,
  })
  .superRefine((recipe, context) => {
    if (recipe.reward.kind === "none")
      context.addIssue({
        code: "custom",
        path: ["reward", "kind"],
        message: "the best response is chosen by a reward; name one",
      });
  });

/** Supervised training on the chosen responses of given pairs: the baseline that preferences have to beat. */
export const sftChosenRecipe = z.strictObject({
  method: z.literal("sft-chosen"),
  ...withoutSampling,
  pairs: z.discriminatedUnion("kind", [sandboxPairs, filePairs]),
  epochs: count,
  /** Responses an optimizer step. */
  batchSize: count,
});

export type GrpoRecipe = z.infer<typeof grpoRecipe>;
export type DpoRecipe = z.infer<typeof dpoRecipe>;
export type BestOfNRecipe = z.infer<typeof bestOfNRecipe>;
export type SftChosenRecipe = z.infer<typeof sftChosenRecipe>;
/** A recipe that post-trains a policy. */
export type PolicyRecipe = GrpoRecipe | DpoRecipe | BestOfNRecipe | SftChosenRecipe;
/** Where the labelled pairs come from that a recipe learns from. */
export type GivenPairsRecipe = SftChosenRecipe["pairs"];
