import type { AdamParams } from "@armature/tinker";
import { describe, expect, it } from "vitest";
import { goldenNumbers } from "../../test/golden/golden-weights.ts";
import { readGolden, relativeError } from "../../test/golden/read-golden.ts";
import { ParameterStore } from "../model/parameters.ts";
import { adamwStep, initialAdamState } from "./adamw.ts";

interface Run {
  readonly settings: AdamParams;
  readonly steps: readonly { readonly norm: number; readonly values: number[] }[];
  readonly first_moment: number[];
  readonly second_moment: number[];
}

function twoParameters(): ParameterStore {
  const store = new ParameterStore([
    { name: "a", shape: [3, 4] },
    { name: "b", shape: [5] },
  ]);
  store.set("a", goldenNumbers(12, 1));
  store.set("b", goldenNumbers(5, 2));
  return store;
}

describe("adamwStep", () => {
  it.each(
    readGolden<{ runs: Run[] }>("adamw.json").runs.map((run) => [JSON.stringify(run.settings), run] as const),
  )("takes the steps of torch.optim.AdamW with %s", (_, run) => {
    const store = twoParameters();
    const state = initialAdamState(store);
    run.steps.forEach((reference, step) => {
      store.trainable.forEach(({ gradient }, k) => {
        const numbers = goldenNumbers(gradient.length, 10 + 2 * step + k);
        gradient.set(numbers.map((x) => x * (step + 1) * 0.3));
      });
      const { gradientNorm } = adamwStep(store, state, run.settings);
      expect(gradientNorm).toBeCloseTo(reference.norm, 5);
      expect(relativeError(store.values, reference.values)).toBeLessThan(1e-6);
      expect(store.gradients.every((g) => g === 0)).toBe(true);
    });
    expect(state.step).toBe(5);
    expect(relativeError(state.firstMoment, run.first_moment)).toBeLessThan(1e-6);
    expect(relativeError(state.secondMoment, run.second_moment)).toBeLessThan(1e-6);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses a gradient of %s and leaves the weights alone",
    (bad) => {
      const store = twoParameters();
      const state = initialAdamState(store);
      const before = store.values.slice();
      store.get("b").gradient!.fill(bad, 2, 3);
      expect(() => adamwStep(store, state, {})).toThrow("the gradient of b is not finite");
      expect(store.values).toEqual(before);
      expect(state.step).toBe(0);
      expect(store.gradients.every((g) => g === 0)).toBe(true);
      expect(adamwStep(store, state, {}).gradientNorm).toBe(0);
    },
  );

  it.each([
    [{ learning_rate: -1 }, "learning_rate is -1, must be a finite number of at least 0"],
    [{ beta2: 1 }, "beta2 is 1, must be in [0, 1)"],
    [{ eps: 0 }, "eps is 0, must be a positive number"],
    [{ grad_clip_norm: Number.NaN }, "grad_clip_norm is NaN"],
  ])("refuses %j", (settings, message) => {
    const store = twoParameters();
    expect(() => adamwStep(store, initialAdamState(store), settings)).toThrow(message);
  });
});
