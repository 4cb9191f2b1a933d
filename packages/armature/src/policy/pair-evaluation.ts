import type { Sampler } from "@armature/tinker";
import { type PairLogprobs, pairLogprobs } from "../train/dpo.ts";
import type { GivenPair } from "./given-pairs.ts";

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

/** Measures a policy on held-out pairs; `base` holds what the policy that the run started from makes of them. */
export async function evaluatePairs(
  policy: Sampler,
  pairs: readonly GivenPair[],
  base: readonly PairLogprobs[],
): Promise<readonly EvaluatedPair[]> {
  const logprobs = await pairLogprobs(policy, pairs);
  return pairs.map(({ id, chosen, rejected }, i) => {
    const [now, before] = [logprobs[i]!, base[i]!];
    const gain = { chosen: now.chosen - before.chosen, rejected: now.rejected - before.rejected };
    return {
      id,
      implicit: gain.chosen - gain.rejected,
      implicitPerToken: gain.chosen / chosen.length - gain.rejected / rejected.length,
      likelihood: now.chosen / chosen.length - now.rejected / rejected.length,
    };
  });
}

/** 1 for a pair in the right order, ½ for one that the policy cannot tell apart. */
export function orderedRight(margin: number): number {
  return (Math.sign(margin) + 1) / 2;
}
