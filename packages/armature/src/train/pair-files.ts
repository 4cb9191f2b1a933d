import { SeededStream } from "@armature/engine";
import { findDuplicates, findOverlap, withoutOverlap } from "../data/overlap.ts";
import { type BadRows, pairFileSummary, readPreferencePairs } from "../data/preference-pairs.ts";
import type { PreferencePair } from "../data/prompt.ts";
import { splitHeldOut } from "../data/split.ts";

/** What a recipe says about files of preference pairs. */
export interface PairFiles {
  readonly train: readonly string[];
  /** Empty sets `heldOutShare` of the training prompts aside, chosen by their hash. */
  readonly heldOut: readonly string[];
  readonly heldOutShare: number;
  readonly badRows: BadRows;
}

/**
 * Reads pairs to learn from and pairs to measure on that share no prompt, in an order drawn by the seed, both cut or dropped
 * by `fit`. Throws `DataError` for unusable files.
 */
export async function pairsFromFiles(
  data: PairFiles,
  seed: number,
  resolve: (path: string) => string,
  fit: (pairs: readonly PreferencePair[]) => {
    readonly pairs: readonly PreferencePair[];
    readonly note: string;
  },
): Promise<{
  readonly train: readonly PreferencePair[];
  readonly heldOut: readonly PreferencePair[];
  readonly notes: readonly string[];
}> {
  const read = await readPreferencePairs(data.train.map(resolve), data.badRows);
  const tested = await readPreferencePairs(data.heldOut.map(resolve), data.badRows);
  const split =
    data.heldOut.length > 0
      ? { train: read.pairs, heldOut: tested.pairs }
      : splitHeldOut(read.pairs, { share: data.heldOutShare, by: "prompt" });
  const overlap = findOverlap(split.train, split.heldOut);
  const duplicates = findDuplicates(split.train);
  const order = new SeededStream(seed, "data order");
  const train = fit(order.shuffled(withoutOverlap(split.train, split.heldOut)));
  const heldOut = fit(order.shuffled(split.heldOut));
  return {
    train: train.pairs,
    heldOut: heldOut.pairs,
    notes: [
      ...[...read.reports, ...tested.reports].map(pairFileSummary),
      `training pairs: ${duplicates.samePair} duplicates, ${overlap.samePrompt} held-out prompts that also stood in training (left out of training)`,
      `training: ${train.note}`,
      `held-out: ${heldOut.note}`,
    ],
  };
}
