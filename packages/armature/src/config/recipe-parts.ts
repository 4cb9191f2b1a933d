import { z } from "zod";

/** Parts that the recipes of several methods share. */

export const count = z.int().min(1);
export const positive = z.number().positive();
export const notNegative = z.number().min(0);
export const path = z.string().min(1);
export const learningRateSchedule = z.enum(["constant", "linear", "cosine"]);

/** ONNX Runtime threads; null lets the engine choose. */
export const threads = count.nullable();

/** A server of the training protocol that trains in place of this process; its key stands in TINKER_API_KEY. */
export const url = z.url({ protocol: /^https?$/ }).nullable();

export const lora = z.strictObject({
  rank: count,
  /** The adapter's output is scaled by alpha / rank. */
  alpha: positive,
  targets: z.array(z.enum(["attention", "mlp", "head"])).min(1),
});

export const adam = z.strictObject({
  beta1: z.number().min(0).lt(1),
  beta2: z.number().min(0).lt(1),
  epsilon: positive,
  /** Decoupled, as in AdamW. */
  weightDecay: notNegative,
  /** Bound on the global gradient norm; 0 is off. */
  clipNorm: notNegative,
});

/** What happens at a row that cannot be read: `strict` stops there, `skip` leaves it out and counts it. */
export const badRows = z.enum(["strict", "skip"]);

export const supervised = z.strictObject({
  /** JSONL or JSONL.gz files with `prompt` and `completion`. */
  train: z.array(path).min(1),
  epochs: count,
  batchSize: count,
  learningRate: positive,
  learningRateSchedule,
  warmupSteps: z.int().min(0),
});

/** How token losses of a policy update are bounded and averaged. */
export const policyUpdate = {
  /** Ratio bounds are 1 − clipLow and 1 + clipHigh. */
  clipLow: z.number().min(0).max(1),
  clipHigh: notNegative,
  /** `group` divides the centred rewards by the group's standard deviation, `batch` by that of all rewards of the batch. */
  advantageStd: z.enum(["group", "batch", "none"]),
  lossNormalization: z.enum(["sequence-mean", "token-mean", "dr-grpo"]),
  /** Groups whose rewards are all equal: left out of the update, or kept for their KL term. */
  constantGroups: z.enum(["drop", "keep"]),
};

export const klEstimator = z.enum(["k1", "k2", "k3"]);

/** Steps between two commits; what comes after the last commit is done again by a run that was killed. */
export const commitEvery = z.int().min(1);

export const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
