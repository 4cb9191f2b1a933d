import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupAdvantages } from "./advantages.ts";
import { baselineWeights, scoreNorm } from "./optimal-baseline.ts";
import type { Rollout } from "./rollout.ts";

/** Two tokens, each of a two-way softmax with logits of its own: the first is 1 with p = 1/4, the second with p = 1/2. */
const FIRST = [3 / 4, 1 / 4];
const SECOND = [1 / 2, 1 / 2];
const REWARDS = [
  [1, 0.2],
  [7, 5],
];

/** d log π / d logits of both tokens. */
function gradient(a: number, b: number): number[] {
  return [...FIRST.map((p, v) => Number(v === a) - p), ...SECOND.map((p, v) => Number(v === b) - p)];
}

/** Total variance of the one-sample estimator (R − b) ∇ log π, over all four responses. */
function varianceAt(baseline: number): number {
  let [second, mean] = [0, [0, 0, 0, 0]];
  for (const a of [0, 1]) {
    for (const b of [0, 1]) {
      const p = FIRST[a]! * SECOND[b]!;
      const g = gradient(a, b).map((x) => x * (REWARDS[a]![b]! - baseline));
      second += p * g.reduce((sum, x) => sum + x * x, 0);
      mean = mean.map((x, i) => x + p * g[i]!);
    }
  }
  return second - mean.reduce((sum, x) => sum + x * x, 0);
}

/** Each response as often as its probability in eighths says. */
const GROUP: readonly Rollout[] = [0, 1].flatMap((a) =>
  [0, 1].flatMap((b) =>
    Array.from({ length: 8 * FIRST[a]! * SECOND[b]! }, () => ({
      prompt: [0],
      tokens: Int32Array.of(a, b),
      logprobs: Float32Array.of(Math.log(FIRST[a]!), Math.log(SECOND[b]!)),
      reward: REWARDS[a]![b]!,
    })),
  ),
);

function baselineOf(kind: "mean" | "length" | "score"): number {
  const weights = baselineWeights(GROUP, kind);
  const rewards = GROUP.map(({ reward }) => reward);
  return rewards[0]! - groupAdvantages(rewards, "none", weights ? { weights } : {})[0]!;
}

describe("baselineWeights", () => {
  it("gives the baseline of least variance by enumeration, where each token has two choices", () => {
    const score = baselineOf("score");
    const scanned = Array.from({ length: 7001 }, (_, i) => i / 1000).reduce((best, b) =>
      varianceAt(b) < varianceAt(best) ? b : best,
    );
    expect(score).toBeCloseTo(scanned, 2);
    expect(varianceAt(score)).toBeLessThan(0.9 * varianceAt(baselineOf("mean")));
  });

  it("weighs by lengths, which are equal here", () => {
    expect(baselineOf("length")).toBeCloseTo(baselineOf("mean"), 12);
    const longer = [GROUP[0]!, { ...GROUP[0]!, tokens: Int32Array.of(1, 2, 3, 4, 5) }];
    expect(baselineWeights(longer, "length")).toEqual([2, 5]);
  });

  it("weighs all alike where the policy is certain", () => {
    const certain = [{ ...GROUP[0]!, logprobs: Float32Array.of(0, 0) }];
    expect(baselineWeights(certain, "score")).toBeUndefined();
  });
});

describe("scoreNorm", () => {
  it("bounds the squared gradient over all logits: between once and twice it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 2, maxLength: 9 }),
        fc.nat(8),
        (logits, n) => {
          const token = n % logits.length;
          const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
          const policy = logits.map((x) => Math.exp(x) / total);
          const exact = policy.reduce((sum, p, v) => sum + (Number(v === token) - p) ** 2, 0);
          const norm = scoreNorm(Float32Array.of(Math.log(policy[token]!)));
          expect(exact).toBeGreaterThan(norm * (1 - 1e-4) - 1e-9);
          expect(exact).toBeLessThan(2 * norm * (1 + 1e-4) + 1e-9);
        },
      ),
    );
  });
});
