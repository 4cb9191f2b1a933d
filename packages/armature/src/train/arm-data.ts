import { SeededStream } from "@armature/engine";
import type { ArmRecipe } from "../config/recipe-schema.ts";
import { findDuplicates, findOverlap, withoutOverlap } from "../data/overlap.ts";
import { pairFileSummary, readPreferencePairs } from "../data/preference-pairs.ts";
import type { PreferencePair } from "../data/prompt.ts";
import { splitHeldOut } from "../data/split.ts";
import { ConfigError } from "../errors.ts";
import type { Dialect } from "../judge/dialect.ts";
import { HELD_OUT_PAIRS, type PairTruth, TRAINING_PAIRS, worldPairs } from "../sandbox/world.ts";
import { fitPairs } from "./fit-pairs.ts";

/** The pairs of a run: disjoint sets to learn from, to choose the checkpoint on, and to measure on. */
export interface ArmData {
  readonly train: readonly PreferencePair[];
  readonly watching: readonly PreferencePair[];
  readonly heldOut: readonly PreferencePair[];
  /** By pair id, where the truth is known (the sandbox). */
  readonly truths?: ReadonlyMap<string, PairTruth>;
  /** What was read, left out and found: lines for the log and the report. */
  readonly notes: readonly string[];
}

/** Seed of the pairs that results are measured on: the same ones in every run of the sandbox. */
const SANDBOX_MEASURING_SEED = 20_261_122;

/** Makes or reads the pairs of a recipe. Throws `DataError` for unusable files and `ConfigError` for too few pairs. */
export async function armData(
  recipe: ArmRecipe,
  resolve: (path: string) => string,
  dialect: Dialect,
): Promise<ArmData> {
  const needed = recipe.rounds * recipe.pairsPerRound;
  const { pairs: heldOutCount, everyPhasePairs: watchingCount } = recipe.evaluation;
  if (recipe.data.kind === "sandbox") {
    const training = { ...TRAINING_PAIRS, labelNoise: recipe.data.labelNoise };
    const train = worldPairs(recipe.seed, "train", needed, training);
    const watching = worldPairs(SANDBOX_MEASURING_SEED, "watching", watchingCount, HELD_OUT_PAIRS);
    const heldOut = worldPairs(SANDBOX_MEASURING_SEED, "held-out", heldOutCount, HELD_OUT_PAIRS);
    const shared = findOverlap(
      train.map(({ pair }) => pair),
      heldOut.map(({ pair }) => pair),
    ).samePair;
    return {
      train: train.map(({ pair }) => pair),
      watching: watching.map(({ pair }) => pair),
      heldOut: heldOut.map(({ pair }) => pair),
      truths: new Map([...watching, ...heldOut].map(({ pair, truth }) => [pair.id, truth])),
      notes: [
        `sandbox: ${train.length} training pairs with ${100 * training.labelNoise} % label noise, ${watching.length} watching and ${heldOut.length} held-out pairs without; ${shared} held-out pairs also stand in training`,
      ],
    };
  }

  const { data } = recipe;
  const read = await readPreferencePairs(data.train.map(resolve), data.badRows);
  const tested = await readPreferencePairs(data.heldOut.map(resolve), data.badRows);
  const split =
    data.heldOut.length > 0
      ? { train: read.pairs, heldOut: tested.pairs }
      : splitHeldOut(read.pairs, { share: data.heldOutShare, by: "prompt" });
  const overlap = findOverlap(split.train, split.heldOut);
  const duplicates = findDuplicates(split.train);
  const order = new SeededStream(recipe.seed, "data order");
  const fittedTrain = fitPairs(order.shuffled(withoutOverlap(split.train, split.heldOut)), data, dialect);
  const fittedTest = fitPairs(order.shuffled(split.heldOut), data, dialect);
  const train = fittedTrain.pairs.slice(0, needed);
  const watching = fittedTrain.pairs.slice(needed, needed + watchingCount);
  if (train.length < needed) {
    throw new ConfigError(
      `${data.train.join(", ")}: ${fittedTrain.pairs.length} usable pairs, ${recipe.rounds} rounds of ${recipe.pairsPerRound} need ${needed}; lower rounds or pairsPerRound, or raise data.maxPromptTokens`,
    );
  }
  return {
    train,
    watching,
    heldOut: fittedTest.pairs.slice(0, heldOutCount),
    notes: [
      ...[...read.reports, ...tested.reports].map(pairFileSummary),
      `training pairs: ${duplicates.samePair} duplicates, ${overlap.samePrompt} held-out prompts that also stood in training (left out of training)`,
      `training: ${fittedTrain.note}`,
      `held-out: ${fittedTest.note}`,
    ],
  };
}
