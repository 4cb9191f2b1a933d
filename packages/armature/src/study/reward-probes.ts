import type { Prompt } from "../data/prompt.ts";
import type { BootstrapSettings, Interval } from "../evaluation/bootstrap.ts";
import type { PolicyReward, ResponseReward } from "../reward/policy-reward.ts";
import { meanOverPrompts, shareOverPrompts } from "./duels.ts";

/** An honest response with probes that try to earn as much. */
export interface RewardProbeSubject {
  readonly prompt: Prompt;
  readonly honest: string;
  readonly probes: readonly { readonly name: string; readonly response: string }[];
}

/** What a trick earns under a reward, against the honest response. Shares lie in 0 to 1; intervals draw prompts. */
export interface RewardProbeResult {
  readonly probe: string;
  /** Prompts on which both responses have a reward, and on which one has none. */
  readonly judged: number;
  readonly unjudged: number;
  /** Share of prompts on which the trick earns as much as the honest response, or more. */
  readonly atLeast: Interval | null;
  /** Share of prompts on which it earns more. */
  readonly more: Interval | null;
  /** Mean reward of the trick less that of the honest response. */
  readonly gain: Interval | null;
}

/**
 * Which reward pays for which trick, one result per name of a probe, in the order they first come. Several rewards, of one
 * kind trained with different seeds, are taken together. A relative reward takes the honest response as its reference, which
 * by symmetry earns ½ against itself. `tokensOf` counts a response's tokens for rewards that look at them; default words.
 */
export async function studyRewardProbes(
  subjects: readonly RewardProbeSubject[],
  rewards: readonly PolicyReward[],
  settings: BootstrapSettings,
  tokensOf: (text: string) => number = countWords,
): Promise<readonly RewardProbeResult[]> {
  const tried: Trial[] = [];
  for (const reward of rewards) {
    const groups = subjects.map(({ prompt, honest, probes }) => {
      const responses = [honest, ...probes.map(({ response }) => response)];
      return {
        ...{ prompt, responses, tokens: responses.map(tokensOf) },
        ...(reward.needsGreedy && { greedy: honest }),
      };
    });
    const earned = await reward.reward(groups);
    tried.push(...subjects.flatMap((subject, i) => trialsOf(subject, earned[i]!)));
  }
  return [...new Set(tried.map(({ name }) => name))].map((probe): RewardProbeResult => {
    const own = tried.filter(({ name }) => name === probe);
    const judged = own.filter(({ gain }) => gain !== null).length;
    const shareOf = (holds: (gain: number) => boolean) =>
      shareOverPrompts(
        own.map(({ promptId, gain }) => ({ promptId, value: gain === null ? null : Number(holds(gain)) })),
        settings,
      );
    return {
      ...{ probe, judged, unjudged: own.length - judged },
      atLeast: shareOf((gain) => gain >= 0),
      more: shareOf((gain) => gain > 0),
      gain: meanOverPrompts(
        own.map(({ promptId, gain }) => ({ promptId, value: gain })),
        settings,
      ),
    };
  });
}

/** One probe under one reward; `gain` is null where either response has no reward. */
interface Trial {
  readonly name: string;
  readonly promptId: string;
  readonly gain: number | null;
}

function trialsOf({ prompt, probes }: RewardProbeSubject, earned: readonly ResponseReward[]): Trial[] {
  const [honest, ...others] = earned.map(({ value }) => value);
  return probes.map(({ name }, j) => {
    const other = others[j]!;
    return { name, promptId: prompt.id, gain: honest === null || other === null ? null : other - honest! };
  });
}

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}
