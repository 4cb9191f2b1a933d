import type { PairLogprobs } from "../../train/dpo.ts";
import type { GivenPair } from "../given-pairs.ts";

/** What a policy makes of a held-out pair: margins of the chosen response over the rejected one, in nats. */
export interface EvaluatedPair {
  readonly id: string;
  /** Of Σ log π − log π_base over a response's tokens: the implicit reward of DPO without its factor β. */
  readonly implicit: number;
  /** The same, each response divided by its tokens. */
  readonly implicitPerToken: number;
  /** Of mean log π a token: whether the policy itself finds the chosen response likelier. */
  readonly likelihood: number;
}

/** Margins of a pair from what a policy makes of it now, and what the policy that the run started from makes of it. */
export function evaluatedPair(
  { id, chosen, rejected }: GivenPair,
  now: PairLogprobs,
  base: PairLogprobs,
): EvaluatedPair {
  const gain = { chosen: now.chosen - base.chosen, rejected: now.rejected - base.rejected };
  return {
    id,
    implicit: gain.chosen - gain.rejected,
    implicitPerToken: gain.chosen / chosen.length - gain.rejected / rejected.length,
    likelihood: now.chosen / chosen.length - now.rejected / rejected.length,
  };
}

/** 1 for a pair in the right order, ½ for one that the policy cannot tell apart. */
export function orderedRight(margin: number): number {
  return (Math.sign(margin) + 1) / 2;
}
