import { SeededStream } from "@armature/engine";
import type { PreferencePair } from "../data/prompt.ts";
import type { Side } from "./judgement.ts";

/** `given` shows the chosen response as A, `swapped` as B. */
export type Order = "given" | "swapped";

/** The two responses as shown to the judge, and where the chosen one stands. */
export interface ShownPair {
  readonly responseA: string;
  readonly responseB: string;
  readonly chosenSide: Side;
}

export function showPair(pair: PreferencePair, order: Order): ShownPair {
  return order === "given"
    ? { responseA: pair.chosen, responseB: pair.rejected, chosenSide: "A" }
    : { responseA: pair.rejected, responseB: pair.chosen, chosenSide: "B" };
}

/** The order of a pair in mixed order: a fair coin per pair, which no other pair of the set can change. */
export function mixedOrder(seed: number, pairId: string): Order {
  return new SeededStream(seed, "mixed order", pairId).chance(0.5) ? "given" : "swapped";
}
