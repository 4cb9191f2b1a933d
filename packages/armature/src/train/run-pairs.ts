import type { PreferencePair } from "../data/prompt.ts";
import type { PairTruth } from "../sandbox/world.ts";

/** The pairs of a run: disjoint sets to learn from, to choose the checkpoint on, and to measure on. */
export interface RunPairs {
  readonly train: readonly PreferencePair[];
  readonly watching: readonly PreferencePair[];
  readonly heldOut: readonly PreferencePair[];
  /** By pair id, where the truth is known (the sandbox). */
  readonly truths?: ReadonlyMap<string, PairTruth>;
  /** What was read, left out and found: lines for the log and the report. */
  readonly notes: readonly string[];
}
