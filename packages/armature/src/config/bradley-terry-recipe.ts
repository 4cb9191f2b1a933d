import { z } from "zod";
import {
  adam,
  badRows,
  commitEvery,
  count,
  learningRateSchedule,
  lora,
  notNegative,
  path,
  positive,
  seed,
  threads,
} from "./recipe-parts.ts";

const sandboxModel = z.strictObject({
  kind: z.literal("sandbox"),
  /** What the body starts from: a nano checkpoint that comes with Armature, or random weights of that one's shape. */
  body: z.enum(["policy", "judge", "generator", "random-policy", "random-judge"]),
  threads,
});

const pathModel = z.strictObject({
  kind: z.literal("path"),
  /** A GGUF file or a folder in Hugging Face layout with a chat template. */
  path,
  /** null trains all weights; the scalar head is trained in both cases, so `targets` has no head. */
  lora: lora.extend({ targets: z.array(z.enum(["attention", "mlp"])).min(1) }).nullable(),
  threads,
});

const sandboxData = z.strictObject({
  kind: z.literal("sandbox"),
  /** Training pairs; the first ones of those that the other methods learn from with the same seed. */
  pairs: count,
  /** Share of training pairs whose label is turned round; held-out pairs have none. */
  labelNoise: z.number().min(0).max(0.5),
});

const fileData = z.strictObject({
  kind: z.literal("files"),
  /** Files of preference pairs. */
  train: z.array(path).min(1),
  /** Empty sets `heldOutShare` of the training prompts aside, chosen by their hash. */
  heldOut: z.array(path),
  heldOutShare: z.number().min(0).max(0.9),
  /** Training pairs after those that watch; null takes all. */
  pairs: count.nullable(),
  /** Longest prompt and response together, in tokens. */
  maxTokens: count,
  /** What happens to a longer pair: left out, its longer response cut (both are counted), or the run refused. */
  overlong: z.enum(["drop", "truncate", "refuse"]),
  badRows,
});

/** PCRM (arXiv 2404.00978), see `priorBound`. */
const prior = z.strictObject({
  similarity: z.enum(["length-ratio", "cosine"]),
  /** β₁, β₂ and β₃ of the bound β₁ / (similarity + β₂) + β₃. */
  scale: positive,
  offset: positive,
  shift: z.number(),
});

/** A Bradley–Terry reward model: a transformer with a scalar head. */
export const bradleyTerryRecipe = z
  .strictObject({
    method: z.literal("bradley-terry"),
    preset: z.string(),
    seed,
    model: z.discriminatedUnion("kind", [sandboxModel, pathModel]),
    data: z.discriminatedUnion("kind", [sandboxData, fileData]),
    epochs: count,
    pairsPerBatch: count,
    learningRate: positive,
    learningRateSchedule,
    warmupSteps: z.int().min(0),
    loss: z.strictObject({
      /** Least difference of scores: one number for all pairs, or `given`, the pair's own margin times `marginScale`. */
      margin: z.union([notNegative, z.literal("given")]),
      marginScale: positive,
      /** Weight of (r⁺ + r⁻)²; trl advises 0.01. */
      centring: notNegative,
      /** null is off. */
      prior: prior.nullable(),
    }),
    adam,
    evaluation: z.strictObject({
      /** Held-out pairs of the evaluations before and after training. */
      pairs: count,
      /** Other pairs, scored during training, on which the checkpoint is chosen; 0 takes the last one. */
      watchingPairs: z.int().min(0),
      /** Steps between two looks at the watching pairs. */
      everySteps: count,
      bootstrapSamples: count,
    }),
    output: z.strictObject({ commitEvery }),
  })
  .superRefine((recipe, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    const { model, data, loss } = recipe;
    if (model.kind === "sandbox" && data.kind !== "sandbox")
      refuse(["data", "kind"], "the sandbox models know the sandbox's words only; set model.kind to path");
    if (data.kind === "sandbox" && loss.margin === "given")
      refuse(["loss", "margin"], "pairs of the sandbox come without margins; give a number");
    if (data.kind === "files" && data.heldOut.length === 0 && data.heldOutShare === 0)
      refuse(["data", "heldOut"], "no held-out pairs; name files or set data.heldOutShare above 0");
  });

export type BradleyTerryRecipe = z.infer<typeof bradleyTerryRecipe>;
