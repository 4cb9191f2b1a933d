import { describe, expect, it } from "vitest";
import type { MetricsRecord } from "../../run/run-directory.ts";
import { policyCharts, standardisedChanges } from "./policy-charts.ts";
import type { PolicyEvaluation } from "./policy-evaluation.ts";

/** Responses with these rewards and true win rates. */
function evaluation(
  values: readonly (readonly [reward: number | null, winRate: number])[],
): PolicyEvaluation {
  const responses = values.map(([reward, winRate]) => ({
    ...{ text: "", tokens: 1, logRatio: 0, baseLogprob: 0, sharedRuns: null, reward, components: {} },
    truth: { reward: 1, fault: null, rulesKept: 1, winRate },
  }));
  return { metrics: {}, prompts: [{ id: "p", prompt: "", responses }] };
}
// Rewards 2 and 6: mean 4, deviation 2; the null is left out. Win rates 0, ½, 1: mean ½, deviation √(1/6).
const BEFORE = evaluation([
  [2, 0],
  [null, 0.5],
  [6, 1],
]);
const METRICS: readonly MetricsRecord[] = [
  { kind: "evaluation", step: 0, reward: 4, trueWinRate: 0.5 },
  { kind: "grpo", step: 1, rewardMean: 4 },
  { kind: "evaluation", step: 1, reward: 9, trueWinRate: 0.25 },
];

describe("the charts of a policy's run", () => {
  it("show reward and truth on one scale", () => {
    const [reward, truth] = standardisedChanges(METRICS, BEFORE);
    expect(reward).toEqual({
      name: "reward of the run",
      points: [
        { x: 0, value: 0 },
        { x: 1, value: 2.5 },
      ],
    });
    expect(truth!.points.map(({ x }) => x)).toEqual([0, 1]);
    expect(truth!.points[1]!.value).toBeCloseTo(-0.25 * Math.sqrt(6), 12);
    expect(policyCharts(METRICS, BEFORE).map(({ title }) => title)).toContain(
      "Reward of the run and truth: change in standard deviations at the start",
    );
  });

  it("show no such scale where a reward had no spread, or nothing was measured", () => {
    expect(
      standardisedChanges(
        METRICS,
        evaluation([
          [3, 0],
          [3, 1],
        ]),
      ),
    ).toEqual([]);
    expect(standardisedChanges([], BEFORE)).toEqual([]);
  });
});
