import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clippedPolicyLoss, klTerm } from "./policy-loss.ts";

const settings = { low: 0.8, high: 1.28, klBeta: 0.3, klEstimator: "k3" } as const;
const at = (p: number, advantage: number, reference = p) => {
  const { loss, gradients } = clippedPolicyLoss(
    [
      {
        sampled: Float32Array.of(0),
        advantages: Float32Array.of(advantage),
        reference: Float32Array.of(reference),
        klWeights: Float32Array.of(1),
      },
    ],
    settings,
  )([Float32Array.of(p)]);
  return { loss, gradient: gradients[0]![0]! };
};

describe("clippedPolicyLoss", () => {
  it("clips only the side that would leave the trust region (by hand, ratio e^0.5 = 1.6487)", () => {
    expect(at(0.5, 1).loss).toBeCloseTo(-1.28, 6);
    expect(at(0.5, 1).gradient).toBe(0);
    expect(at(0.5, -1).loss).toBeCloseTo(Math.exp(0.5), 6);
    expect(at(0.5, -1).gradient).toBeCloseTo(Math.exp(0.5), 6);
    expect(at(-0.5, -1).loss).toBeCloseTo(0.8, 6);
    expect(at(-0.5, -1).gradient).toBe(0);
    expect(at(-0.5, 1).gradient).toBeCloseTo(-Math.exp(-0.5), 6);
  });

  it("has the gradient of its own value (central differences away from the kinks)", () => {
    const logprob = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        logprob,
        logprob,
        fc.double({ min: -2, max: 2, noNaN: true }),
        (p, reference, advantage) => {
          const ratio = Math.exp(p);
          fc.pre(Math.abs(ratio - 0.8) > 0.02 && Math.abs(ratio - 1.28) > 0.02 && Math.abs(advantage) > 1e-3);
          const h = 1e-2;
          const slope =
            (at(p + h, advantage, reference).loss - at(p - h, advantage, reference).loss) / (2 * h);
          expect(at(p, advantage, reference).gradient).toBeCloseTo(slope, 2);
        },
      ),
    );
  });
});

describe("klTerm", () => {
  it("averages to the exact KL for k1 and k3, and its slope times the policy to the KL's gradient for k2", () => {
    const policy = [0.5, 0.3, 0.2];
    const reference = [0.2, 0.2, 0.6];
    const exact = policy.reduce((sum, p, i) => sum + p * Math.log(p / reference[i]!), 0);
    const average = (k: "k1" | "k3") =>
      policy.reduce((sum, p, i) => sum + p * klTerm(Math.log(p / reference[i]!), k)[0], 0);
    expect(average("k1")).toBeCloseTo(exact, 12);
    expect(average("k3")).toBeCloseTo(exact, 12);
    // d KL / d logit_j = Σ_i p_i d_i (δ_ij − p_j); with softmax ∇log p_i = δ_ij − p_j this is E[d ∇log p], the k2 slope.
    const logits = policy.map((p) => Math.log(p));
    const klAt = (z: number[]) => {
      const sum = z.reduce((s, x) => s + Math.exp(x), 0);
      return z.reduce(
        (s, x, i) => s + (Math.exp(x) / sum) * (x - Math.log(sum) - Math.log(reference[i]!)),
        0,
      );
    };
    const h = 1e-5;
    for (const j of [0, 1, 2]) {
      const numeric =
        (klAt(logits.map((z, i) => (i === j ? z + h : z))) -
          klAt(logits.map((z, i) => (i === j ? z - h : z)))) /
        (2 * h);
      const expected = policy.reduce(
        (sum, p, i) =>
          sum + p * klTerm(Math.log(p / reference[i]!), "k2")[1] * ((i === j ? 1 : 0) - policy[j]!),
        0,
      );
      expect(expected).toBeCloseTo(numeric, 8);
    }
  });
});
