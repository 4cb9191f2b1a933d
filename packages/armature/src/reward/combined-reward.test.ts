import { describe, expect, it } from "vitest";
import { textPrompt } from "../data/read-prompts.ts";
import { combinedReward, type RewardCombination } from "./combined-reward.ts";
import { pointwiseReward } from "./pointwise-reward.ts";
import type { PolicyReward, Preference } from "./policy-reward.ts";

const PROMPT = textPrompt("p");

/** Rates texts by a table. */
const rated = (values: Readonly<Record<string, number | null>>): PolicyReward =>
  pointwiseReward("table", async (responses) =>
    responses.map(({ response }) => ({ value: values[response]!, components: { own: values[response]! } })),
  );

/** Compares with a greedy response that it never looks at. */
const relative = (values: Readonly<Record<string, number>>, preference: Preference): PolicyReward => ({
  ...rated(values),
  needsGreedy: true,
  prefer: async (pairs) => pairs.map(() => preference),
});

const combine = (parts: RewardCombination["parts"], more: Partial<RewardCombination> = {}) =>
  combinedReward({ parts, closedValue: 0, lengthPenalty: null, ...more });

async function rewardsOf(reward: PolicyReward, responses: readonly string[], tokens: readonly number[]) {
  return (await reward.reward([{ prompt: PROMPT, responses, tokens, greedy: "g" }]))[0]!;
}

describe("a combination of rewards", () => {
  it("is the weighted sum less the penalty, with each part logged by itself", async () => {
    const reward = combine(
      {
        good: { reward: rated({ a: 2, b: -1 }), weight: 0.5, gate: null },
        brief: { reward: rated({ a: 3, b: 4 }), weight: 2, gate: null },
        watched: { reward: rated({ a: null, b: 9 }), weight: 0, gate: null },
      },
      { lengthPenalty: { from: 10, perToken: 0.25 } },
    );
    const [a, b] = await rewardsOf(reward, ["a", "b"], [14, 10]);
    // 0.5 · 2 + 2 · 3 − 0.25 · 4; 0.5 · (−1) + 2 · 4.
    expect(a).toEqual({
      value: 6,
      components: {
        ...{ good: 2, "good.own": 2, brief: 3, "brief.own": 3, watched: null, "watched.own": null },
        lengthPenalty: -1,
      },
    });
    expect(b!.value).toBe(7.5);
    expect(b!.components["lengthPenalty"]).toBe(0);
    expect(reward.id).toBe(
      "combined(good: 0.5 × table, brief: 2 × table, watched: 0 × table, −0.25 a token above 10)",
    );
  });

  it("is the closed value where a part stays below its gate, and at the gate it is open", async () => {
    const reward = combine(
      {
        judge: { reward: rated({ a: 1, b: 1 }), weight: 1, gate: null },
        form: { reward: rated({ a: 0.5, b: 0.49 }), weight: 0, gate: 0.5 },
      },
      { closedValue: -1 },
    );
    const rewards = await rewardsOf(reward, ["a", "b"], [1, 1]);
    expect(rewards.map(({ value, components }) => [value, components["open"]])).toEqual([
      [1, 1],
      [-1, 0],
    ]);
  });

  it.each([
    ["a part with a weight", 1, null, null],
    ["a part with a gate", 0, 0, null],
    ["a part that is only watched", 0, null, 1],
  ])("is masked where %s is null: weight %s, gate %s", async (_, weight, gate, value) => {
    const parts = {
      judge: { reward: rated({ a: 1 }), weight: 1, gate: null },
      other: { reward: rated({ a: null }), weight, gate },
    };
    expect((await rewardsOf(combine(parts), ["a"], [1]))[0]!.value).toBe(value);
  });

  it("is masked behind a closed gate too where a part with a weight is null", async () => {
    const parts = {
      judge: { reward: rated({ a: null }), weight: 1, gate: null },
      form: { reward: rated({ a: 0 }), weight: 0, gate: 1 },
    };
    expect((await rewardsOf(combine(parts), ["a"], [1]))[0]!.value).toBeNull();
  });

  it("asks for the greedy response where a part does", () => {
    const part = { reward: relative({}, "tie"), weight: 1, gate: null };
    expect(combine({ part }).needsGreedy).toBe(true);
    expect(combine({ part: { ...part, reward: rated({}) } }).needsGreedy).toBe(false);
  });

  it("prefers open gates, then the weighted sum of differences", async () => {
    const form = { reward: rated({ a: 1, b: 1, x: 0, y: 0, n: null }), weight: 0, gate: 1 };
    const points = { reward: rated({ a: 3, b: 2, x: 9, y: 0, n: 0 }), weight: 1, gate: null };
    const prefer = async (judged: Preference, first: string, second: string, weight = 1) => {
      const judge = { reward: relative({}, judged), weight, gate: null };
      const pair = { prompt: PROMPT, first, second, tokens: [30, 10] as const };
      const lengthPenalty = { from: 10, perToken: 0.1 };
      return (await combine({ form, points, judge }, { lengthPenalty }).prefer([pair]))[0];
    };
    expect(await prefer("first", "x", "a")).toBe("second");
    expect(await prefer("second", "a", "x")).toBe("first");
    expect(await prefer("first", "x", "y")).toBe("tie");
    expect(await prefer("first", "n", "a")).toBe("undecided");
    // 3 − 2 + judged · 1 − 0.1 · 20, where judged is 1, 0, −1.
    expect(await prefer("first", "a", "b")).toBe("tie");
    expect(await prefer("tie", "a", "b")).toBe("second");
    expect(await prefer("first", "a", "b", 3)).toBe("first");
    expect(await prefer("undecided", "a", "b")).toBe("undecided");
  });
});
