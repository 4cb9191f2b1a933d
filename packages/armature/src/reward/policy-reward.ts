import type { Prompt } from "../data/prompt.ts";

/** Responses of a policy to one prompt that are to be rewarded together. */
export interface ResponseGroup {
  readonly prompt: Prompt;
  readonly responses: readonly string[];
  /** Length of each response in tokens. */
  readonly tokens: readonly number[];
  /** The greedy response that a relative reward compares with; given where the reward asks for it. */
  readonly greedy?: string;
}

/** What one response earned. A value is null where it could not be measured: masked, never taken for zero. */
export interface ResponseReward {
  readonly value: number | null;
  /** Parts of the value by name, each logged by itself; null where a part could not be measured. */
  readonly components: Readonly<Record<string, number | null>>;
}

/** Which of two responses is better: `tie` where they are equally good, `undecided` where the judge cannot tell or failed. */
export type Preference = "first" | "second" | "tie" | "undecided";

/** Two responses to one prompt, to be labelled for an offline method. */
export interface ResponsePair {
  readonly prompt: Prompt;
  readonly first: string;
  readonly second: string;
  /** Lengths of both in tokens. */
  readonly tokens: readonly [number, number];
}

/** Rewards a policy's responses, for online methods, and compares two of them, for offline ones. */
export interface PolicyReward {
  /** Equal ids reward alike. */
  readonly id: string;
  /** True where `reward` wants the policy's own greedy response with each group. */
  readonly needsGreedy: boolean;
  /** One reward per response, groups and responses in the order given. Rejects only for faults of settings and for aborts. */
  reward(
    groups: readonly ResponseGroup[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly (readonly ResponseReward[])[]>;
  /** One preference per pair, in order. */
  prefer(
    pairs: readonly ResponsePair[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Preference[]>;
}

/** A reward with what it holds open: models, logs. */
export interface OpenReward {
  readonly reward: PolicyReward;
  close(): Promise<void>;
}

/** Preferences of a reward that rates each response by itself: the higher value wins. */
export async function preferByValue(
  reward: Pick<PolicyReward, "reward">,
  pairs: readonly ResponsePair[],
  options?: { readonly signal?: AbortSignal },
): Promise<readonly Preference[]> {
  const rewards = await reward.reward(
    pairs.map(({ prompt, first, second, tokens }) => ({ prompt, responses: [first, second], tokens })),
    options,
  );
  return rewards.map(([first, second]): Preference => {
    if (first!.value === null || second!.value === null) return "undecided";
    if (first!.value === second!.value) return "tie";
    return first!.value > second!.value ? "first" : "second";
  });
}
