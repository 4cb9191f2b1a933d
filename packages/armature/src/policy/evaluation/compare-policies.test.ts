import { describe, expect, it } from "vitest";
import { ConfigError } from "../../errors.ts";
import { comparePolicies, trueWins } from "./compare-policies.ts";
import type { PolicyEvaluation } from "./policy-evaluation.ts";

/** An evaluation with these true rewards by prompt; null is a text that is no note, undefined says nothing of the truth. */
function evaluation(rewards: readonly (readonly (number | null | undefined)[])[]): PolicyEvaluation {
  return {
    metrics: {},
    prompts: rewards.map((responses, i) => ({
      id: `p${i}`,
      prompt: "",
      responses: responses.map((reward, j) => ({
        ...{ text: `${j}`, tokens: 2 * (j + 1), logRatio: 0.25, baseLogprob: -1, sharedRuns: null },
        ...{ reward: null, components: {} },
        ...(reward !== undefined && {
          truth: { reward, fault: null, rulesKept: reward === null ? 0 : 1, winRate: 0.5 },
        }),
      })),
    })),
  };
}
const SETTINGS = { seed: 0, resamples: 200 };

describe("policies side by side", () => {
  it("win where their truth is higher; no note loses to every note and equals another", () => {
    const one = evaluation([[3, null], [1], [undefined]]);
    const other = evaluation([[3, 2], [null, 1], [undefined]]);
    expect(trueWins(one, other)).toEqual([[0.75, 0], [0.75], []]);
    expect(trueWins(other, one)).toEqual([[0.75, 0.5], [0, 0.5], []]);
    expect(trueWins(evaluation([[null]]), evaluation([[null]]))).toEqual([[0.5]]);
  });

  it("meet by seed, and the base policy meets every seed", () => {
    const base = { name: "base", evaluations: [evaluation([[2], [2]])] };
    const good = { name: "good", evaluations: [evaluation([[3], [3]]), evaluation([[3], [2]])] };
    const bad = { name: "bad", evaluations: [evaluation([[1], [3]]), evaluation([[3], [1]])] };
    const { duels, policies } = comparePolicies([base, good, bad], SETTINGS);
    expect(duels.map(({ first, second, bySeed }) => [first, second, bySeed])).toEqual([
      ["base", "good", [0, 0.25]],
      ["base", "bad", [0.5, 0.5]],
      ["good", "bad", [0.75, 0.75]],
    ]);
    expect(duels[0]!.winRate).toMatchObject({ value: 0.125, clusters: 2 });
    // Prompt 0 gives 0 in both seeds, prompt 1 gives 0 and ½.
    expect([duels[0]!.winRate.low, duels[0]!.winRate.high]).toEqual([0, 0.25]);
    expect(policies.map(({ name, seeds, trueReward }) => [name, seeds, trueReward!.value])).toEqual([
      ["base", 1, 2],
      ["good", 2, 2.75],
      ["bad", 2, 2],
    ]);
    expect(policies[1]).toMatchObject({
      tokens: { value: 2 },
      klToBase: { value: 0.25 },
      distinctResponses: 0.5,
    });
  });

  it("have no duels where the truth is unknown", () => {
    const one = { name: "one", evaluations: [evaluation([[undefined]])] };
    const { duels, policies } = comparePolicies([one, { ...one, name: "two" }], SETTINGS);
    expect(duels).toEqual([]);
    expect(policies[0]!.trueWinRate).toBeNull();
  });

  it("must have been measured on the same prompts and in as many seeds", () => {
    const one = { name: "one", evaluations: [evaluation([[1], [1]])] };
    const fewer = { name: "two", evaluations: [evaluation([[1]])] };
    expect(() => comparePolicies([one, fewer], SETTINGS)).toThrow(
      "two was measured on other prompts than one",
    );
    const [own] = one.evaluations;
    const seeds = (count: number) => ({
      name: `${count}`,
      evaluations: Array.from({ length: count }, () => own!),
    });
    expect(() => comparePolicies([seeds(2), seeds(3)], SETTINGS)).toThrow(
      "2 has 2 seeds and another policy 3",
    );
    expect(() => comparePolicies([], SETTINGS)).toThrow(ConfigError);
  });
});
