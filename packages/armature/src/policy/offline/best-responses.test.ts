import { expect, it } from "vitest";
import type { ResponseGroup } from "../../reward/policy-reward.ts";
import type { SampledPrompt } from "../policy-rollouts.ts";
import { bestResponses } from "./best-responses.ts";

/** Texts are numbers: what they earn. Text "-" cannot be measured. */
async function reward(groups: readonly ResponseGroup[]) {
  return groups.map(({ responses }) =>
    responses.map((text) => ({ value: text === "-" ? null : Number(text), components: {} })),
  );
}

function sampled(id: string, texts: readonly string[]): SampledPrompt {
  const response = (text: string, i: number) => ({
    ...{ text, tokens: Int32Array.of(i), logprobs: Float32Array.of(0), cutOff: false },
  });
  return { prompt: { id, messages: [] }, promptTokens: Int32Array.of(1), responses: texts.map(response) };
}

it("keeps the best of each prompt, never an unmeasured one, of equal ones the first", async () => {
  const { best, counts } = await bestResponses(
    { reward },
    [
      sampled("p1", ["1", "3", "2"]),
      sampled("p2", ["-", "-5", "-"]),
      sampled("p3", ["-", "-", "-"]),
      sampled("p4", ["4", "4", "-"]),
    ],
    null,
  );
  expect(best.map(({ id, completion, tokens }) => [id, completion, ...tokens])).toEqual([
    ["p1", "3", 1],
    ["p2", "-5", 1],
    ["p4", "4", 0],
  ]);
  expect(counts).toEqual({
    // p2 and p4: rewards that do not differ.
    ...{ prompts: 4, unrewarded: 1, undistinguished: 2, nullRewards: 6 / 12 },
    ...{ rewardMean: (1 + 3 + 2 - 5 + 4 + 4) / 6, bestReward: (3 - 5 + 4) / 3, bestTokens: 1 },
  });
});

it("hands a relative reward the greedy response", async () => {
  const seen: (string | undefined)[] = [];
  const relative = async (groups: readonly ResponseGroup[]) => {
    seen.push(...groups.map(({ greedy }) => greedy));
    return reward(groups);
  };
  await bestResponses({ reward: relative }, [sampled("p", ["1", "2"])], ["0"]);
  expect(seen).toEqual(["0"]);
});
