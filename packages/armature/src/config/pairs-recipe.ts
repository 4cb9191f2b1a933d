import { z } from "zod";
import { badRows, count, path } from "./recipe-parts.ts";

/** Where the pairs come from that offline methods learn from. */

/** The policy's own responses, labelled by the reward. */
export const ownPairs = z.strictObject({
  kind: z.literal("own"),
  /** Sampled responses a prompt. */
  responses: z.int().min(2),
  /** Most comparisons a prompt, drawn from all that its responses allow. */
  pairsPerPrompt: count,
});

const given = {
  /** Most pairs, with prompts that are held out, on which implicit rewards are measured. */
  heldOut: z.int().min(0),
};

/** Notes of the sandbox's own writer, labelled by its hidden reward. */
export const sandboxPairs = z.strictObject({
  kind: z.literal("sandbox"),
  /** Pairs to learn from. */
  count,
  /** Share of them whose label is turned round; held-out pairs have none. */
  labelNoise: z.number().min(0).max(0.5),
  ...given,
});

export const filePairs = z.strictObject({
  kind: z.literal("files"),
  /** Files of preference pairs. */
  files: z.array(path).min(1),
  /** Longest prompt and response together in tokens; pairs with longer ones are left out and counted. */
  maxTokens: count,
  badRows,
  ...given,
});

/** Comparisons of a prompt at most: all pairs of its responses, or as many as asked for. */
export function ownComparisons({ responses, pairsPerPrompt }: z.infer<typeof ownPairs>): number {
  return Math.min(pairsPerPrompt, (responses * (responses - 1)) / 2);
}
