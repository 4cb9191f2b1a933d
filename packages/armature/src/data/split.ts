import { createHash } from "node:crypto";
import { SeededStream } from "@armature/engine";
import { ConfigError } from "../errors.ts";
import type { PreferencePair } from "./prompt.ts";

/**
 * Splits pairs into disjoint parts in random order, one for each alternating round (Rubric-ARM, section 4.1). Sizes differ
 * by at most one. Throws `ConfigError` where there are fewer pairs than parts.
 */
export function splitIntoRounds<T>(
  pairs: readonly T[],
  rounds: number,
  seed: number,
): readonly (readonly T[])[] {
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new ConfigError(`rounds is ${rounds}; give a whole number of at least 1`);
  if (pairs.length < rounds)
    throw new ConfigError(
      `${pairs.length} pairs cannot be split into ${rounds} rounds; give more pairs or fewer rounds`,
    );
  const order = new SeededStream(seed, "split", "rounds").shuffled(pairs);
  const border = (round: number) => Math.floor((round * order.length) / rounds);
  return Array.from({ length: rounds }, (_, round) => order.slice(border(round), border(round + 1)));
}

/**
 * Splits off held-out pairs by a hash of the pair's id (or of its prompt's id, so that pairs with one prompt stay
 * together). A pair's side depends on nothing but its id, the salt and the share: adding, removing or reordering rows moves
 * no other pair, and a larger share holds out a superset. `share` lies in [0, 1] and is met on average.
 */
export function splitHeldOut(
  pairs: readonly PreferencePair[],
  options: { readonly share: number; readonly by?: "pair" | "prompt"; readonly salt?: string },
): { readonly train: readonly PreferencePair[]; readonly heldOut: readonly PreferencePair[] } {
  const { share, by = "pair", salt = "held-out" } = options;
  if (!(share >= 0 && share <= 1))
    throw new ConfigError(`held-out share is ${share}; give a number from 0 to 1`);
  const held = (pair: PreferencePair) => isHeldOut(by === "pair" ? pair.id : pair.prompt.id, share, salt);
  return { train: pairs.filter((pair) => !held(pair)), heldOut: pairs.filter(held) };
}

/** Whether an id belongs to the held-out part; it depends on nothing but id, share and salt. */
export function isHeldOut(id: string, share: number, salt = "held-out"): boolean {
  return hashFraction(id, salt) < share;
}

/** Uniform in [0, 1): the first 48 bits of a SHA-256. */
function hashFraction(id: string, salt: string): number {
  return createHash("sha256").update(`${salt}\u0000${id}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
