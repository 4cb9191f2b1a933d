import type { TokenIds } from "@armature/tinker";

/** One sampled completion and what it earned. A reward that could not be measured is null, never 0. */
export interface Rollout {
  readonly prompt: TokenIds;
  readonly tokens: Int32Array;
  /** Raw logprobs of the tokens under the policy that sampled them. */
  readonly logprobs: Float32Array;
  readonly reward: number | null;
  /** True keeps the reward in the group's statistics and the completion out of the loss. */
  readonly masked?: boolean;
}

/** Completions that are compared with each other: advantages are relative within the group. */
export type RolloutGroup = readonly Rollout[];
