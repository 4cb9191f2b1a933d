import { z } from "zod";
import { type BradleyTerryRecipe, bradleyTerryRecipe } from "./bradley-terry-recipe.ts";
import {
  type BestOfNRecipe,
  bestOfNRecipe,
  type DpoRecipe,
  dpoRecipe,
  type GrpoRecipe,
  grpoRecipe,
  type SftChosenRecipe,
  sftChosenRecipe,
} from "./policy-recipe.ts";
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
  supervised,
  threads,
  url,
} from "./recipe-parts.ts";
import { REWARD_PATHS } from "./reward-recipe.ts";

/**
 * What a recipe file may say. Every key is required here: a recipe is always a preset, overlaid by the file and by `--set`,
 * so a default is a visible line of `presets.ts` and never hides in this schema. Unknown keys are refused.
 */

const sandboxModel = z.strictObject({
  kind: z.literal("sandbox"),
  /** Checkpoints to start from; null takes the warm-up checkpoints that come with Armature. */
  generator: path.nullable(),
  judge: path.nullable(),
  threads,
  url,
});

const pathModel = z.strictObject({
  kind: z.literal("path"),
  /** A GGUF file or a folder in Hugging Face layout. */
  path,
  /** Checkpoints to start from (an adapter, or full weights where `lora` is null); null starts from the base model. */
  generator: path.nullable(),
  judge: path.nullable(),
  /** null trains all weights. */
  lora: lora.nullable(),
  threads,
  url,
});

const sandboxData = z.strictObject({
  kind: z.literal("sandbox"),
  /** Share of training pairs whose label is turned round; held-out pairs have none. */
  labelNoise: z.number().min(0).max(0.5),
});

const fileData = z.strictObject({
  kind: z.literal("files"),
  /** JSONL or JSONL.gz files of preference pairs. */
  train: z.array(path).min(1),
  /** Empty sets `heldOutShare` of the training prompts aside, chosen by their hash. */
  heldOut: z.array(path),
  heldOutShare: z.number().min(0).max(0.9),
  /** Longest prompt of the judge in tokens: instructions, request, rubric and both responses. */
  maxPromptTokens: count,
  /** What happens to a longer pair: left out, its longer response cut (both are counted), or the run refused. */
  overlong: z.enum(["drop", "truncate", "refuse"]),
  badRows,
});

const phase = {
  /** Completions per pair (judge) or per prompt (generator); the advantage is relative within them. */
  groupSize: z.int().min(2),
  pairsPerBatch: count,
  /** How often a phase goes through the round's pairs. */
  passes: count,
  /** Optimizer steps per pass over a batch's rollouts. */
  minibatches: count,
  /** Passes over the same rollouts. */
  innerUpdates: count,
  learningRate: positive,
  temperature: positive,
  /** Longest completion in tokens. */
  maxTokens: count,
  /** Weight of the KL term to the warm-up model, normalised like the loss. */
  klBeta: notNegative,
  klEstimator,
};

const output = z.strictObject({
  commitEvery,
  /** Held-out examples shown in the report. */
  examples: z.int().min(0),
});

/** Rubric-ARM: alternating reinforcement learning of a rubric generator and a judge. */
export const armRecipe = z
  .strictObject({
    method: z.literal("arm"),
    preset: z.string(),
    seed,
    model: z.discriminatedUnion("kind", [sandboxModel, pathModel]),
    data: z.discriminatedUnion("kind", [sandboxData, fileData]),
    /** Supervised warm-up before the first round; null where the start checkpoints are warm already. */
    warmup: z.strictObject({ generator: supervised, judge: supervised }).nullable(),
    rounds: count,
    /** Rounds learn from disjoint parts of the pairs. */
    pairsPerRound: count,
    /** Who is updated first in a round; `simultaneous` lets judge and generator steps take turns on fresh rubrics. */
    order: z.enum(["judge-first", "generator-first", "simultaneous"]),
    /** One rubric per pair and round for the judge phase (eq. 6); false gives every rollout a fresh rubric. */
    cacheRubrics: z.boolean(),
    cacheTemperature: notNegative,
    trainJudge: z.boolean(),
    trainGenerator: z.boolean(),
    /** This rubric for every prompt in place of the generator's (ablation). */
    staticRubric: z.string().min(1).nullable(),
    judge: z.strictObject({
      ...phase,
      /** R = [winner correct] + formatReward · [form kept]. */
      formatReward: notNegative,
    }),
    generator: z.strictObject({
      ...phase,
      /** Reward of a rubric that breaks the form or repeats a line; it is not judged. */
      invalidReward: z.number(),
    }),
    grpo: z.strictObject({
      ...policyUpdate,
      /** Of both learning rates, over the rounds. */
      learningRateSchedule,
    }),
    adam,
    evaluation: z.strictObject({
      /** Held-out pairs of the evaluations before and after training. */
      pairs: count,
      /** Other held-out pairs, judged after every phase, on which the checkpoint is chosen. */
      everyPhasePairs: z.int().min(0),
      /** 0 is greedy. */
      judgeTemperature: notNegative,
      /** Judgements per pair of the majority vote at temperature 1; 1 leaves the vote out. */
      votes: count,
      bootstrapSamples: count,
    }),
    output,
  })
  .superRefine((recipe, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if (!recipe.trainJudge && !recipe.trainGenerator) {
      refuse(["trainJudge"], "nothing is trained; set trainJudge or trainGenerator to true");
    }
    if (recipe.staticRubric !== null && recipe.trainGenerator) {
      refuse(
        ["staticRubric"],
        "a static rubric leaves the generator nothing to learn; set trainGenerator to false",
      );
    }
    if (recipe.model.kind === "sandbox" && recipe.data.kind !== "sandbox") {
      refuse(["data", "kind"], "the sandbox models know the sandbox's words only; set model.kind to path");
    }
    if (recipe.data.kind === "files" && recipe.data.heldOut.length === 0 && recipe.data.heldOutShare === 0) {
      refuse(["data", "heldOut"], "no held-out pairs; name files or set data.heldOutShare above 0");
    }
  });

/** Supervised fine-tuning on prompts with completions. */
const sftRecipe = z.strictObject({
  method: z.literal("sft"),
  preset: z.string(),
  seed,
  model: pathModel.omit({ generator: true, judge: true }).extend({
    /** Checkpoint to start from; null starts from the base model. */
    checkpoint: path.nullable(),
  }),
  ...supervised.shape,
  /** Longest prompt and completion together, in tokens. */
  maxTokens: count,
  adam,
  output: output.pick({ commitEvery: true }),
});

/** Schema of each method that `armature train` knows. */
export const RECIPE_SCHEMAS = {
  arm: armRecipe,
  sft: sftRecipe,
  grpo: grpoRecipe,
  dpo: dpoRecipe,
  "best-of-n": bestOfNRecipe,
  "bradley-terry": bradleyTerryRecipe,
  "sft-chosen": sftChosenRecipe,
} as const;

export type MethodName = keyof typeof RECIPE_SCHEMAS;
export type ArmRecipe = z.infer<typeof armRecipe>;
export type SftRecipe = z.infer<typeof sftRecipe>;
export type Recipe =
  | ArmRecipe
  | SftRecipe
  | GrpoRecipe
  | DpoRecipe
  | BestOfNRecipe
  | SftChosenRecipe
  | BradleyTerryRecipe;

/** Keys whose values name files or folders: relative to the recipe file, or to the working folder for `--set`. `*` is any name. */
export const PATH_KEYS: readonly string[] = [
  "model.path",
  "model.generator",
  "model.judge",
  "model.checkpoint",
  "data.train",
  "data.heldOut",
  "data.prompts",
  ...REWARD_PATHS.flatMap((key) => [`reward.${key}`, `reward.parts.*.reward.${key}`]),
  "pairs.files",
  "warmup.generator.train",
  "warmup.judge.train",
  "train",
];
