import { findOverlap } from "../data/overlap.ts";
import { HELD_OUT_PAIRS, TRAINING_PAIRS, worldPairs } from "../sandbox/world.ts";
import type { RunPairs } from "./run-pairs.ts";

/** Seed of the pairs that results are measured on: the same ones in every run of the sandbox. */
const MEASURING_SEED = 20_261_122;

/** Pairs of the sandbox: those to learn from by the run's seed, those to measure on the same for all runs and methods. */
export function sandboxPairs(
  seed: number,
  counts: {
    readonly training: number;
    readonly labelNoise: number;
    readonly watching: number;
    readonly heldOut: number;
  },
): RunPairs {
  const training = { ...TRAINING_PAIRS, labelNoise: counts.labelNoise };
  const train = worldPairs(seed, "train", counts.training, training);
  const watching = worldPairs(MEASURING_SEED, "watching", counts.watching, HELD_OUT_PAIRS);
  const heldOut = worldPairs(MEASURING_SEED, "held-out", counts.heldOut, HELD_OUT_PAIRS);
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
