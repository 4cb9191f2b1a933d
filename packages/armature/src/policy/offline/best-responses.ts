import type { Message } from "../../data/prompt.ts";
import type { PolicyReward } from "../../reward/policy-reward.ts";
import type { SampledPrompt } from "../policy-rollouts.ts";

/** The best response to a prompt. The texts make a row that supervised training can read. */
export interface ChosenResponse {
  readonly id: string;
  readonly prompt: readonly Message[];
  readonly completion: string;
  /** As they were sampled. */
  readonly tokens: readonly number[];
  readonly reward: number;
}

/** What the rewards of a round were. */
export interface ChoiceCounts {
  readonly prompts: number;
  /** Prompts without any rewarded response: left out. */
  readonly unrewarded: number;
  /** Prompts whose rewarded responses all earned the same: the first is kept, and teaches nothing about the reward. */
  readonly undistinguished: number;
  /** Share of responses whose reward could not be measured. */
  readonly nullRewards: number;
  /** Means over responses, and over the kept ones; null where there are none. */
  readonly rewardMean: number | null;
  readonly bestReward: number | null;
  readonly bestTokens: number | null;
}

/**
 * The best response of each prompt by a reward; of equal ones the first sampled. A response without a reward never wins.
 * `greedy` is what a relative reward compares with.
 */
export async function bestResponses(
  reward: Pick<PolicyReward, "reward">,
  sampled: readonly SampledPrompt[],
  greedy: readonly string[] | null,
  options?: { readonly signal?: AbortSignal },
): Promise<{ readonly best: readonly ChosenResponse[]; readonly counts: ChoiceCounts }> {
  const rewards = await reward.reward(
    sampled.map(({ prompt, responses }, i) => ({
      prompt,
      responses: responses.map(({ text }) => text),
      tokens: responses.map(({ tokens }) => tokens.length),
      ...(greedy && { greedy: greedy[i]! }),
    })),
    options,
  );
  const values = rewards.map((group) => group.map(({ value }) => value));
  const best = sampled.flatMap(({ prompt, responses }, i): ChosenResponse[] => {
    const rewarded = responses.flatMap((response, j) => {
      const value = values[i]![j]!;
      return value === null ? [] : [{ response, value }];
    });
    const [first] = rewarded;
    if (first === undefined) return [];
    const { response, value } = rewarded.reduce(
      (top, other) => (other.value > top.value ? other : top),
      first,
    );
    return [
      {
        ...{ id: prompt.id, prompt: prompt.messages, completion: response.text },
        ...{ tokens: [...response.tokens], reward: value },
      },
    ];
  });
  const known = values.map((group) => group.filter((value) => value !== null));
  return {
    best,
    counts: {
      prompts: sampled.length,
      unrewarded: sampled.length - best.length,
      undistinguished: known.filter((group) => group.length > 0 && new Set(group).size === 1).length,
      nullRewards: 1 - known.flat().length / values.flat().length,
      rewardMean: mean(known.flat()),
      bestReward: mean(best.map((chosen) => chosen.reward)),
      bestTokens: mean(best.map(({ tokens }) => tokens.length)),
    },
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
