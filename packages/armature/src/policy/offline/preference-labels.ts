import { SeededStream } from "@armature/engine";
import type { Message } from "../../data/prompt.ts";
import type { PolicyReward, ResponsePair } from "../../reward/policy-reward.ts";
import type { PolicyResponse, SampledPrompt } from "../policy-rollouts.ts";

/** Two responses of a policy, labelled. The texts make a row of preference pairs that other tools can read. */
export interface LabelledPair {
  readonly id: string;
  readonly prompt: readonly Message[];
  readonly chosen: string;
  readonly rejected: string;
  /** As they were sampled. */
  readonly tokens: { readonly chosen: readonly number[]; readonly rejected: readonly number[] };
}

/** What became of the comparisons of a round. */
export interface LabelCounts {
  /** Two different texts, shown to the reward. */
  readonly compared: number;
  /** Of them a preference; a judge's is the same in both orders. */
  readonly labelled: number;
  readonly ties: number;
  /** Orders that contradict each other, and failed judgements. */
  readonly undecided: number;
  /** Comparisons that prompts fall short of, because their responses are equal texts. */
  readonly equalTexts: number;
  /** Mean lengths of the labelled pairs in tokens; null where there are none. */
  readonly chosenTokens: number | null;
  readonly rejectedTokens: number | null;
}

/** How many comparisons, and which. */
export interface LabellingSettings {
  /** Most comparisons a prompt, drawn from all that its responses allow. */
  readonly pairsPerPrompt: number;
  readonly seed: number;
  /** Names of the random stream. */
  readonly names: readonly (string | number)[];
}

interface Comparison {
  readonly sampled: SampledPrompt;
  readonly first: PolicyResponse;
  readonly second: PolicyResponse;
}

/** Compares sampled responses by a reward and keeps what it prefers. */
export async function labelPreferences(
  reward: Pick<PolicyReward, "prefer">,
  sampled: readonly SampledPrompt[],
  settings: LabellingSettings,
  options?: { readonly signal?: AbortSignal },
): Promise<{ readonly pairs: readonly LabelledPair[]; readonly counts: LabelCounts }> {
  const drawn = sampled.map((prompt) => comparisonsOf(prompt, settings));
  const compared = drawn.flatMap(({ kept }) => kept);
  const labels = await reward.prefer(compared.map(asked), options);
  const pairs = compared.flatMap(({ sampled: { prompt }, first, second }, i): LabelledPair[] => {
    const label = labels[i]!;
    if (label !== "first" && label !== "second") return [];
    const [chosen, rejected] = label === "first" ? [first, second] : [second, first];
    return [
      {
        id: prompt.id,
        prompt: prompt.messages,
        chosen: chosen.text,
        rejected: rejected.text,
        tokens: { chosen: [...chosen.tokens], rejected: [...rejected.tokens] },
      },
    ];
  });
  return {
    pairs,
    counts: {
      compared: compared.length,
      labelled: pairs.length,
      ties: labels.filter((label) => label === "tie").length,
      undecided: labels.filter((label) => label === "undecided").length,
      equalTexts: drawn.reduce((sum, { lost }) => sum + lost, 0),
      chosenTokens: mean(pairs.map(({ tokens }) => tokens.chosen.length)),
      rejectedTokens: mean(pairs.map(({ tokens }) => tokens.rejected.length)),
    },
  };
}

/** Pairs of different texts, each at most once, and how many the prompt is short of because texts are equal. */
function comparisonsOf(
  sampled: SampledPrompt,
  { pairsPerPrompt, seed, names }: LabellingSettings,
): { readonly kept: readonly Comparison[]; readonly lost: number } {
  const distinct = [...new Map(sampled.responses.map((response) => [response.text, response])).values()];
  const possible = distinct.flatMap((first, i) =>
    distinct.slice(i + 1).map((second): Comparison => ({ sampled, first, second })),
  );
  const stream = new SeededStream(seed, ...names, sampled.prompt.id);
  const kept = possible.length <= pairsPerPrompt ? possible : stream.sample(possible, pairsPerPrompt);
  const { length } = sampled.responses;
  const wanted = Math.min(pairsPerPrompt, (length * (length - 1)) / 2);
  return { kept, lost: wanted - kept.length };
}

function asked({ sampled: { prompt }, first, second }: Comparison): ResponsePair {
  return {
    prompt,
    first: first.text,
    second: second.text,
    tokens: [first.tokens.length, second.tokens.length],
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
