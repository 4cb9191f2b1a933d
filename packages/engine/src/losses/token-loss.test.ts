import type { Loss, LossInputs } from "@armature/tinker";
import { floats, integers } from "@armature/tinker";
import { describe, expect, it } from "vitest";
import { readGolden, relativeError } from "../../test/golden/read-golden.ts";
import { gradients } from "../graph/backward.ts";
import { filled, input } from "../graph/build.ts";
import { evaluate } from "../graph/evaluate.ts";
import { type TokenValue, tokenLoss, tokenValues } from "./token-loss.ts";

interface Golden {
  readonly p: number[];
  readonly logprobs: number[];
  readonly reference_logprobs: number[];
  readonly advantages: number[];
  readonly kl_weights: number[];
  readonly cases: readonly (Loss & { readonly values: number[]; readonly gradient: number[] })[];
}

const golden = readGolden<Golden>("losses.json");
const n = golden.p.length;
const inputs: LossInputs = {
  target_tokens: integers(new Int32Array(n)),
  weights: floats(golden.advantages),
  logprobs: floats(golden.logprobs),
  advantages: floats(golden.advantages),
  reference_logprobs: floats(golden.reference_logprobs),
  kl_weights: floats(golden.kl_weights),
};

/** Values per token and their gradient, computed by the plain interpreter. */
function compute(loss: Loss, given: LossInputs = inputs, p: ArrayLike<number> = golden.p) {
  const expression = tokenLoss(loss);
  const logprob = input("p", [n, 1]);
  const tensors = Object.fromEntries(expression.values.map((name) => [name, input(name, [n, 1])]));
  const value = expression.loss(logprob, tensors as Record<TokenValue, (typeof tensors)[string]>);
  const [gradient] = gradients([{ tensor: value, gradient: filled(1, value.shape) }], [logprob]);
  const feeds = Object.fromEntries(expression.values.map((name) => [name, tokenValues(name, given, loss)]));
  const [values, slopes] = evaluate([value, gradient!], { p, ...feeds });
  return { values: values!, gradient: slopes! };
}

describe("tokenLoss", () => {
  it.each(golden.cases.map((golden) => [`${golden.name} ${JSON.stringify(golden.config)}`, golden] as const))(
    "agrees with PyTorch for %s",
    (_, { name, config, values, gradient }) => {
      const ours = compute({ name, ...(config && { config }) });
      expect(relativeError(ours.values, values)).toBeLessThan(1e-6);
      expect(relativeError(ours.gradient, gradient)).toBeLessThan(1e-6);
    },
  );

  it("counts the KL term where advantages are not zero when no kl_weights are given", () => {
    const { kl_weights: _, ...without } = inputs;
    const loss: Loss = { name: "importance_sampling", config: { kl_beta: 2, kl_estimator: "k1" } };
    const plain = compute({ name: "importance_sampling" });
    const { gradient } = compute(loss, without);
    golden.advantages.forEach((advantage, i) => {
      expect(gradient[i]! - plain.gradient[i]!).toBeCloseTo(advantage === 0 ? 0 : 2, 9);
    });
  });

  it("stays finite at positions that are not counted, whatever the logprob", () => {
    const nothing = floats(new Float32Array(n));
    const given = { ...inputs, kl_weights: nothing, advantages: nothing, reference_logprobs: nothing };
    const loss: Loss = { name: "ppo", config: { kl_beta: 1, kl_estimator: "k3" } };
    const { values, gradient } = compute(loss, given, new Array(n).fill(-5000));
    expect([...values, ...gradient].every((x) => x === 0)).toBe(true);
  });

  it.each([
    ["loss ppo: clip thresholds 1.2 and 0.8", { clip_low_threshold: 1.2, clip_high_threshold: 0.8 }],
    ["loss ppo: clip thresholds 0.8 and NaN", { clip_high_threshold: Number.NaN }],
    ["loss ppo: kl_beta is Infinity", { kl_beta: Number.POSITIVE_INFINITY }],
  ])("refuses with '%s'", (message, config) => {
    expect(() => tokenLoss({ name: "ppo", config })).toThrow(message);
  });

  it("refuses a KL term on cross_entropy, which would be dropped silently", () => {
    expect(() => tokenLoss({ name: "cross_entropy", config: { kl_beta: 0.1 } })).toThrow("takes no kl_beta");
  });
});
