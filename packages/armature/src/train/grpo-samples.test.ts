import { pendingResult, type Sampler } from "@armature/tinker";
import { describe, expect, it } from "vitest";
import type { GrpoSettings } from "./grpo.ts";
import { grpoSamples } from "./grpo-samples.ts";
import type { Rollout } from "./rollout.ts";

const settings: GrpoSettings = {
  clipLow: 0.2,
  clipHigh: 0.28,
  advantageStd: "none",
  lossNormalization: "sequence-mean",
  constantGroups: "keep",
  klBeta: 0.5,
  klEstimator: "k3",
  minibatches: 1,
  innerUpdates: 1,
  maxTokens: 4,
  adam: { learning_rate: 1 },
};

const rollout = (logprobs: readonly number[], reward: number | null, masked = false): Rollout => ({
  prompt: [7, 8],
  tokens: Int32Array.from(logprobs, (_, t) => t),
  logprobs: Float32Array.from(logprobs),
  reward,
  masked,
});

/** A reference under which every token has the logprob −1. */
const reference = {
  logprobsMany: (sequences: readonly ArrayLike<number>[]) =>
    pendingResult(Promise.resolve(sequences.map(({ length }) => new Float32Array(length).fill(-1)))),
} as unknown as Sampler;

// d = log π − log π_ref: (0.5, 0.5), (−0.5), (0.25, −0.25).
const GROUPS = [
  [rollout([-0.5, -0.5], 3), rollout([-1.5], 1)],
  [rollout([-0.75, -1.25], 4), rollout([-1], null)],
];

async function advantages(changes: Partial<GrpoSettings>, groups = GROUPS) {
  const samples = await grpoSamples(reference, groups, () => 2, { ...settings, ...changes });
  // A prompt of two tokens: the first position of the input predicts no token of the completion.
  return samples.map((group) => group.map(({ terms }) => [...terms.advantages].slice(1)));
}

describe("grpoSamples", () => {
  it("leaves the advantages alone where the KL term is in the loss", async () => {
    expect(await advantages({})).toEqual([[[2, 2], [-2]], [[0, 0]]]);
    const samples = await grpoSamples(reference, GROUPS, () => 2, settings);
    expect(samples[0]![0]!.terms).toMatchObject({ reference: Float32Array.of(0, -1, -1) });
  });

  it("takes β Σ d from the reward before the group is compared: 3 − 0.5 and 1 + 0.25 around 1.875", async () => {
    expect(await advantages({ klPlacement: "reward" })).toEqual([[[1.25, 1.25], [-1.25]], [[0, 0]]]);
  });

  it("takes β (d − its mean over the batch, 0.1) from each token's advantage", async () => {
    const [[first, second], [third]] = (await advantages({ klPlacement: "advantage" })) as number[][][];
    expect(first![0]).toBeCloseTo(2 * (1 - 0.5 * 0.4), 6);
    expect(first![1]).toBeCloseTo(2 * (1 - 0.5 * 0.4), 6);
    expect(second![0]).toBeCloseTo(2 * (-1 + 0.5 * 0.6), 6);
    expect(third![0]).toBeCloseTo(2 * -0.5 * 0.15, 6);
    expect(third![1]).toBeCloseTo(2 * 0.5 * 0.35, 6);
  });

  it("puts no KL term into the loss where it is elsewhere", async () => {
    for (const klPlacement of ["reward", "advantage"] as const) {
      const samples = await grpoSamples(reference, GROUPS, () => 1, { ...settings, klPlacement });
      for (const { terms, datum } of samples.flat()) {
        expect(terms.reference).toBeUndefined();
        expect(Object.keys(datum.lossInputs)).not.toContain("kl_weights");
      }
    }
  });

  it("divides by the deviation of all rewards of the batch: 3, 1 and 4 deviate by √(14/9)", async () => {
    const [[first]] = (await advantages({ advantageStd: "batch" })) as number[][][];
    expect(first![0]).toBeCloseTo(2 / (Math.sqrt(14 / 9) + 1e-4), 5);
  });

  it("keeps a masked completion's reward in its group and the completion out of the loss", async () => {
    const groups = [[rollout([-1], 3), rollout([-1], 0), rollout([-1, -1], 0, true)]];
    expect(await advantages({}, groups)).toEqual([[[4], [-2]]]);
  });
});
