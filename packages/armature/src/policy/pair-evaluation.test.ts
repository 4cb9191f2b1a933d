import type { Sampler } from "@armature/tinker";
import { expect, it } from "vitest";
import { evaluatePairs, orderedRight } from "./pair-evaluation.ts";

/** Every token has the logprob of its number, divided by −10. */
const policy = {
  logprobsMany: (sequences: readonly ArrayLike<number>[]) => ({
    submitted: Promise.resolve(),
    result: Promise.resolve(
      sequences.map((tokens) =>
        Float32Array.from(tokens, (token, i) => (i === 0 ? Number.NaN : -token / 10)),
      ),
    ),
  }),
} as unknown as Sampler;

it("measures margins over the base policy and of the policy itself, by hand", async () => {
  const pair = { id: "p", prompt: [9, 9], chosen: [1, 2, 3], rejected: [4] };
  const [evaluated] = await evaluatePairs(policy, [pair], [{ chosen: -1.2, rejected: -0.3 }]);
  // Σ log π is −0.6 and −0.4: gains of 0.6 and −0.1.
  expect(evaluated!.id).toBe("p");
  expect(evaluated!.implicit).toBeCloseTo(0.7, 6);
  expect(evaluated!.implicitPerToken).toBeCloseTo(0.6 / 3 + 0.1, 6);
  expect(evaluated!.likelihood).toBeCloseTo(-0.2 + 0.4, 6);
});

it("counts a pair that cannot be told apart as half", () => {
  expect([0.1, 0, -3].map(orderedRight)).toEqual([1, 0.5, 0]);
});
