import {
  completionDatum,
  type Datum,
  floats,
  inputTokens,
  integers,
  type Loss,
  textInput,
} from "@armature/tinker";
import { afterEach, describe, expect, it } from "vitest";
import { goldenNumbers } from "../../test/golden/golden-weights.ts";
import { relativeError } from "../../test/golden/read-golden.ts";
import { initializeParameters } from "../model/initialize.ts";
import { type LoraConfig, loraParameters } from "../model/lora.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { baseParameters, ParameterStore } from "../model/parameters.ts";
import { prefixGroups } from "./prefix-groups.ts";
import { Trainer, type TrainerOptions } from "./trainer.ts";

const config: ModelConfig = {
  vocabularySize: 23,
  hiddenSize: 16,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headDim: 8,
  intermediateSize: 24,
  ropeTheta: 10_000,
  normEpsilon: 1e-5,
  tiedEmbeddings: true,
  maxContextLength: 40,
  eosTokenIds: [0],
};

const open: Trainer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((trainer) => trainer.dispose()));
});

function trainer(options: TrainerOptions = {}): Trainer {
  const store = new ParameterStore(baseParameters(config));
  // A larger start than usual, so that gradients are not all alike.
  initializeParameters(store, config, 7, { embedding: 0.5 });
  const made = new Trainer(config, store, options);
  open.push(made);
  return made;
}

/** Groups of completions, each group of one prompt, with all values that any loss may read. */
function groups(lengths: readonly (readonly number[])[], promptLength = 10): Datum[] {
  return lengths.flatMap((completions, g) => {
    const prompt = Array.from({ length: promptLength }, (_, i) => (5 * g + 3 * i + 1) % 23);
    return completions.map((length, k) => {
      const numbers = (stream: number) => goldenNumbers(length, 100 * g + 10 * k + stream);
      return completionDatum(
        prompt,
        Array.from(numbers(1), (x) => Math.floor((x + 1) * 11.5)),
        {
          weights: Array.from(numbers(2)),
          logprobs: Array.from(numbers(3), (x) => -3 + 0.3 * x),
          advantages: Array.from(numbers(4)),
          reference_logprobs: Array.from(numbers(5), (x) => -3 + 0.3 * x),
          kl_weights: Array.from(numbers(6), (x) => x + 1),
        },
      );
    });
  });
}

const data = groups([[5, 9, 3], [4], [7, 7]]);
const losses: Loss[] = [
  { name: "cross_entropy" },
  { name: "importance_sampling" },
  { name: "ppo", config: { kl_beta: 0.2, kl_estimator: "k3" } },
  { name: "cispo", config: { kl_beta: 0.2, kl_estimator: "k2" } },
];

async function expectSame(a: Trainer, b: Trainer, loss: Loss, tolerance = 1e-5): Promise<void> {
  const [left, right] = [await a.forwardBackward(data, loss), await b.forwardBackward(data, loss)];
  expect(left.metrics["loss:sum"]! / right.metrics["loss:sum"]!).toBeCloseTo(1, 6);
  left.logprobs.forEach((logprobs, i) => {
    expect(relativeError(logprobs, right.logprobs[i]!)).toBeLessThan(tolerance);
  });
  expectSameGradients(a, b, tolerance);
}

function expectSameGradients(a: Trainer, b: Trainer, tolerance = 1e-5): void {
  for (const { name, gradient } of a.store.trainable) {
    const other = b.store.get(name).gradient!;
    expect(relativeError(gradient, other), name).toBeLessThan(tolerance);
    expect(
      gradient.some((g) => g !== 0),
      name,
    ).toBe(true);
  }
}

describe("Trainer", () => {
  it("packs the groups of these tests", () => {
    const sequences = data.map(({ modelInput }) => ({ tokens: inputTokens(modelInput) }));
    expect(prefixGroups(sequences)).toEqual([
      { prefix: 10, members: [0, 1, 2] },
      { prefix: 0, members: [3] },
      { prefix: 10, members: [4, 5] },
    ]);
  });

  it.each(losses)("packed groups give what separate rows give: %j", async (loss) => {
    await expectSame(trainer({ packGroups: true }), trainer({ packGroups: false }), loss);
  });

  it.each(losses)("recomputation changes nothing: %j", async (loss) => {
    await expectSame(trainer({ recompute: true }), trainer(), loss);
  });

  it.each(losses)("two threads and micro-batches of one row change nothing: %j", async (loss) => {
    await expectSame(trainer({ threads: 2, tokenBudget: 16, packGroups: false }), trainer(), loss);
  });

  it("adds up over calls, whatever the split", async () => {
    const [whole, parts] = [trainer(), trainer()];
    const loss: Loss = { name: "ppo" };
    const all = await whole.forwardBackward(data, loss);
    const split = await Promise.all([
      parts.forwardBackward(data.slice(0, 1), loss),
      parts.forwardBackward(data.slice(1, 2), loss),
      parts.forwardBackward(data.slice(2), loss),
    ]);
    const joined = split.flatMap(({ logprobs }) => logprobs);
    all.logprobs.forEach((logprobs, i) => {
      expect(relativeError(logprobs, joined[i]!)).toBeLessThan(1e-5);
    });
    expectSameGradients(whole, parts);
  });

  it("a custom loss with cross-entropy's gradients is cross-entropy", async () => {
    const [custom, builtIn] = [trainer(), trainer()];
    const result = await custom.forwardBackwardCustom(data, (logprobs) => ({
      loss: 42,
      gradients: logprobs.map((p, i) => p.map((_, t) => -data[i]!.lossInputs.weights!.data[t]!)),
      metrics: { "tokens:sum": logprobs.flatMap((p) => [...p]).length },
    }));
    const expected = await builtIn.forwardBackward(data, { name: "cross_entropy" });
    expect(result.metrics).toEqual({ "loss:sum": 42, "tokens:sum": 89 });
    expect(result.logprobs).toEqual(expected.logprobs);
    expectSameGradients(custom, builtIn);
  });

  it("agrees with finite differences along the gradient", async () => {
    const model = trainer();
    const loss: Loss = { name: "ppo", config: { kl_beta: 0.2, kl_estimator: "k2" } };
    await model.forwardBackward(data, loss);
    const direction = model.store.gradients.slice();
    const start = model.store.values.slice();
    const squared = direction.reduce((sum, g) => sum + g * g, 0);
    const at = async (step: number) => {
      model.store.values.set(start.map((x, i) => x + (step * direction[i]!) / Math.sqrt(squared)));
      return (await model.forwardBackward(data, loss)).metrics["loss:sum"]!;
    };
    const slope = ((await at(2e-3)) - (await at(-2e-3))) / 4e-3;
    expect(slope / Math.sqrt(squared)).toBeCloseTo(1, 2);
  });

  it("forward leaves gradients alone and gives the logprobs of forwardBackward", async () => {
    const model = trainer();
    const { logprobs } = await model.forward(data);
    expect(model.store.gradients.every((g) => g === 0)).toBe(true);
    const after = await model.forwardBackward(data, { name: "cross_entropy" });
    after.logprobs.forEach((p, i) => {
      expect(relativeError(p, logprobs[i]!)).toBeLessThan(1e-5);
    });
  });

  it("gives logprobs of datums without any gradient too", async () => {
    const model = trainer();
    const silent = data.map((datum, i) =>
      i % 2 === 0
        ? datum
        : {
            ...datum,
            lossInputs: {
              ...datum.lossInputs,
              advantages: floats(new Float32Array(datum.lossInputs.target_tokens.data.length)),
            },
          },
    );
    const { logprobs } = await model.forwardBackward(silent, { name: "ppo" });
    const plain = await model.forward(silent);
    logprobs.forEach((p, i) => {
      expect(relativeError(p, plain.logprobs[i]!)).toBeLessThan(1e-5);
    });
  });

  it("returns only weighted logprobs where told, with the same gradients", async () => {
    const [some, all] = [trainer({ logprobs: "weighted" }), trainer()];
    const { logprobs } = await some.forwardBackward(data, { name: "ppo" });
    const full = await all.forwardBackward(data, { name: "ppo" });
    logprobs.forEach((p, i) => {
      p.forEach((value, t) => {
        if (data[i]!.lossInputs.advantages!.data[t] === 0) expect(value).toBeNaN();
        else expect(value).toBeCloseTo(full.logprobs[i]![t]!, 4);
      });
    });
    expectSameGradients(some, all);
  });

  it.each(losses)("gives the same where prefixes end before the head looks: %j", async (loss) => {
    const prefixes = data.map(({ modelInput }) => ({ tokens: inputTokens(modelInput), headFrom: 9 }));
    expect(prefixGroups(prefixes).map(({ prefix }) => prefix)).toEqual([9, 0, 9]);
    const [bare, apart] = [true, false].map((packGroups) => trainer({ logprobs: "weighted", packGroups }));
    const [left, right] = [await bare!.forwardBackward(data, loss), await apart!.forwardBackward(data, loss)];
    expect(left.metrics["loss:sum"]! / right.metrics["loss:sum"]!).toBeCloseTo(1, 6);
    left.logprobs.forEach((logprobs, i) => {
      expect(relativeError(logprobs.subarray(9), right.logprobs[i]!.subarray(9))).toBeLessThan(1e-5);
    });
    expectSameGradients(bare!, apart!);
    const again = trainer({ logprobs: "weighted", recompute: true });
    await again.forwardBackward(data, loss);
    expectSameGradients(again, apart!);
  });

  it("gives adapters the same gradients where prefixes end before the head looks", async () => {
    const lora: LoraConfig = { rank: 2, alpha: 4, attention: true, mlp: true, head: false, seed: 0 };
    const adapted = (packGroups: boolean) => {
      const frozen = trainer().store.trainable;
      const store = new ParameterStore(loraParameters(config, lora), frozen);
      store.values.set(goldenNumbers(store.values.length, 5).map((x) => 0.3 * x));
      const made = new Trainer(config, store, { lora, logprobs: "weighted", packGroups });
      open.push(made);
      return made;
    };
    const [bare, apart] = [adapted(true), adapted(false)];
    await bare.forwardBackward(data, { name: "ppo" });
    await apart.forwardBackward(data, { name: "ppo" });
    expectSameGradients(bare, apart);
  });

  it("forward gives the logprobs from a position on, and none before it", async () => {
    const [part, whole] = [trainer(), trainer()];
    const from = data.map((_, i) => [9, 0, 12][i % 3]!);
    const [some, all] = [await part.forward(data, from), await whole.forward(data)];
    some.logprobs.forEach((logprobs, i) => {
      expect(logprobs.subarray(0, from[i]!).every(Number.isNaN)).toBe(true);
      const expected = all.logprobs[i]!.subarray(from[i]!);
      expect(relativeError(logprobs.subarray(from[i]!), expected)).toBeLessThan(1e-5);
    });
  });

  it("forward gives nothing from beyond the end on", async () => {
    const { logprobs } = await trainer().forward(
      data,
      data.map(() => 999),
    );
    expect(logprobs.every((row) => row.every(Number.isNaN))).toBe(true);
  });

  it("learns: the loss of one batch falls", async () => {
    const model = trainer();
    const positive = data.map(({ modelInput, lossInputs }) => ({
      modelInput,
      lossInputs: {
        target_tokens: lossInputs.target_tokens,
        weights: floats(Float32Array.from(lossInputs.weights!.data, (w) => (w === 0 ? 0 : 1))),
      },
    }));
    const seen: number[] = [];
    for (let step = 0; step < 30; step++) {
      const { metrics } = await model.forwardBackward(positive, { name: "cross_entropy" });
      seen.push(metrics["loss:sum"]!);
      const { metrics: norms } = await model.optimStep({ learning_rate: 0.01, grad_clip_norm: 1 });
      expect(norms["grad_norm:last"]).toBeGreaterThan(0);
    }
    expect(seen.at(-1)!).toBeLessThan(0.2 * seen[0]!);
    expect(model.optimizer.step).toBe(30);
  });

  const datum = (tokens: number[], targets: number[], weights = targets.map(() => 1)): Datum => ({
    modelInput: textInput(tokens),
    lossInputs: { target_tokens: integers(targets), weights: floats(weights) },
  });
  it.each([
    ["datum 1: model input holds 23 at position 1, token ids are 0 to 22", datum([1, 23], [1, 2])],
    ["datum 1: target_tokens holds -1 at position 0", datum([1, 2], [-1, 2])],
    [
      "datum 1: 41 input positions, the model's context has 40",
      datum(new Array(41).fill(1), new Array(41).fill(1)),
    ],
    ["datum 1: weights holds NaN", datum([1], [1], [Number.NaN])],
    ["datum 1: model input is empty", datum([], [])],
    [
      "datum 1: target_tokens has several values a position",
      {
        modelInput: textInput([1]),
        lossInputs: {
          target_tokens: { data: [1, 2], dtype: "int64", shape: [1, 2] },
          weights: floats([1]),
        },
      },
    ],
  ] as const)("refuses the whole call: %s", async (message, bad) => {
    const model = trainer();
    await expect(model.forwardBackward([data[0]!, bad], { name: "cross_entropy" })).rejects.toThrow(message);
    expect(model.store.gradients.every((g) => g === 0)).toBe(true);
    await expect(model.forwardBackward(data, { name: "cross_entropy" })).resolves.toBeDefined();
  });

  it("names the datum where a custom loss gives gradients of another length", async () => {
    const short = trainer().forwardBackwardCustom(data, (logprobs) => ({
      loss: 0,
      gradients: logprobs.map((p) => p.subarray(1)),
    }));
    await expect(short).rejects.toThrow("datum 0: weights has 13 rows for 14 input positions");
  });
});
