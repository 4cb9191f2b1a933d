import { describe, expect, it } from "vitest";
import { comparePolicyLosses } from "../../test/train/policy-losses.ts";

describe("losses and gradients of trl and PyTorch", () => {
  it("are ours through all parameters of a model, to 1e-4", async () => {
    const comparisons = await comparePolicyLosses();
    const count = (method: string, by: string) =>
      comparisons.filter((one) => one.method === method && one.by === by).length;
    expect(
      ["bradley-terry", "dpo", "grpo"].map((method) => [count(method, "trl"), count(method, "torch")]),
    ).toEqual([
      [4, 2],
      [5, 2],
      [12, 12],
    ]);
    for (const { settings, loss, gradient } of comparisons) {
      expect(loss, settings).toBeLessThan(1e-4);
      expect(gradient, settings).toBeLessThan(1e-4);
    }
  });
});
