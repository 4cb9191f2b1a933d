import { LocalEngine, SeededStream } from "@armature/engine";
import type { TrainingModel } from "@armature/tinker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GrpoSettings, grpoUpdate } from "./grpo.ts";
import type { Rollout, RolloutGroup } from "./rollout.ts";

const config = {
  vocabularySize: 40,
  hiddenSize: 32,
  layers: 2,
  heads: 2,
  keyValueHeads: 1,
  headDim: 16,
  intermediateSize: 48,
  ropeTheta: 1000,
  normEpsilon: 1e-6,
  tiedEmbeddings: true,
  maxContextLength: 64,
  eosTokenIds: [1],
};

const settings: GrpoSettings = {
  clipLow: 0.2,
  clipHigh: 0.28,
  advantageStd: "group",
  lossNormalization: "sequence-mean",
  constantGroups: "drop",
  klBeta: 0,
  klEstimator: "k3",
  minibatches: 1,
  innerUpdates: 1,
  maxTokens: 8,
  adam: { learning_rate: 1e-2, eps: 1e-8, grad_clip_norm: 1 },
};

let engine: LocalEngine;
const open: TrainingModel[] = [];
beforeAll(async () => {
  engine = await LocalEngine.open({ kind: "random", name: "tiny", config, seed: 3 }, { threads: 1 });
});
afterAll(() => engine.close());

async function newModel(): Promise<TrainingModel> {
  const model = await engine.createModel({ lora: null, checkpoints: "" });
  open.push(model);
  return model;
}

/** Groups sampled from the model; the reward is the share of even tokens. */
async function rollOut(model: TrainingModel, prompts: readonly number[][]): Promise<RolloutGroup[]> {
  const sampler = await model.samplerNow().result;
  const results = await sampler.sampleMany(
    prompts.map((prompt, i) => ({ prompt, options: { maxTokens: 8, numSamples: 4, stop: [1], seed: i } })),
  ).result;
  await sampler.dispose();
  return results.map(({ sequences }, i) =>
    sequences.map(({ tokens, logprobs }) => ({
      prompt: prompts[i]!,
      tokens,
      logprobs,
      reward: evenShare(tokens),
    })),
  );
}

const evenShare = (tokens: Int32Array) => tokens.filter((token) => token % 2 === 0).length / tokens.length;
const PROMPTS = Array.from({ length: 6 }, (_, i) => [2, 5 + i, 9, 30 - i]);

async function logprobsOf(model: TrainingModel, groups: readonly RolloutGroup[]): Promise<number[]> {
  const sampler = await model.samplerNow().result;
  const rows = await sampler.logprobsMany(
    groups.flat().map(({ prompt, tokens }) => Int32Array.from([...prompt, ...tokens])),
  ).result;
  await sampler.dispose();
  return rows.flatMap((row) => [...row.slice(1)]);
}

const largestDifference = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

describe("grpoUpdate", () => {
  it("samples and trains with the same logprobs, and raises the reward", async () => {
    const model = await newModel();
    const rewards: number[] = [];
    for (let step = 0; step < 12; step++) {
      const groups = await rollOut(model, PROMPTS);
      const metrics = await grpoUpdate({ model }, groups, settings, new SeededStream(1, "order", step));
      expect(metrics.samplerTrainerGap!).toBeLessThan(1e-3);
      rewards.push(metrics.rewardMean!);
    }
    const early = (rewards[0]! + rewards[1]!) / 2;
    const late = (rewards[10]! + rewards[11]!) / 2;
    expect(late).toBeGreaterThan(early + 0.15);
  });

  it("takes the same steps with the KL extension and with a custom loss", async () => {
    const [extended, plain] = [await newModel(), await newModel()];
    const withoutExtension = new Proxy(plain, {
      get: (target, key) => {
        if (key === "capabilities") return { ...target.capabilities, referenceKl: false };
        const value = Reflect.get(target, key, target) as unknown;
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const groups = await rollOut(extended, PROMPTS);
    const withKl = { ...settings, klBeta: 0.5, innerUpdates: 2, minibatches: 2 };
    const updated = await Promise.all(
      [extended, withoutExtension].map(async (model) => {
        const reference = await model.samplerNow().result;
        return grpoUpdate({ model, reference }, groups, withKl, new SeededStream(2, "order"));
      }),
    );
    expect(updated[0]!.optimizerSteps).toBe(4);
    expect(updated[0]!.kl).toBeCloseTo(0, 5);
    const [one, other] = await Promise.all([extended, plain].map((model) => logprobsOf(model, groups)));
    expect(largestDifference(one!, other!)).toBeLessThan(2e-3);
    expect(largestDifference(one!, await logprobsOf(await newModel(), groups))).toBeGreaterThan(0.05);
  });

  it("measures no distance to a reference that it does not ask", async () => {
    const model = await newModel();
    const reference = await model.samplerNow().result;
    const groups = await rollOut(model, PROMPTS);
    const without = await grpoUpdate({ model, reference }, groups, settings, new SeededStream(2, "order"));
    expect(without.kl).toBeNull();
    expect(without.samplerTrainerGap).toBeLessThan(1e-3);
  });

  it("measures nothing where no group is trained, and says so instead of a number", async () => {
    const model = await newModel();
    const reference = await model.samplerNow().result;
    const constant = (await rollOut(model, PROMPTS)).map((group) =>
      group.map((rollout) => ({ ...rollout, reward: 1 })),
    );
    const before = await logprobsOf(model, constant);
    const dropping = { ...settings, klBeta: 0.1, constantGroups: "drop" } as const;
    const metrics = await grpoUpdate({ model, reference }, constant, dropping, new SeededStream(4, "order"));
    const nothing = { kl: null, clipFraction: null, samplerTrainerGap: null, gradNorm: null };
    expect(metrics).toMatchObject({ rewardMean: 1, optimizerSteps: 0, trainedTokens: 0, ...nothing });
    expect(await logprobsOf(model, constant)).toEqual(before);
    const unjudged = constant.map((group) => group.map((rollout) => ({ ...rollout, reward: null })));
    const unmeasured = await grpoUpdate(
      { model, reference },
      unjudged,
      dropping,
      new SeededStream(5, "order"),
    );
    expect(unmeasured).toMatchObject({ rewardMean: null, nullRewards: 1 });
  });

  it("is held near the reference by the KL term", async () => {
    const distances = [];
    for (const klBeta of [0, 20]) {
      const model = await newModel();
      const reference = await model.samplerNow().result;
      let kl = 0;
      for (let step = 0; step < 6; step++) {
        const groups = await rollOut(model, PROMPTS);
        const metrics = await grpoUpdate(
          { model, reference },
          groups,
          { ...settings, klBeta: klBeta || 1e-9, klEstimator: "k2" },
          new SeededStream(3, "order", step),
        );
        kl = metrics.kl!;
      }
      distances.push(kl);
    }
    expect(distances[1]!).toBeLessThan(distances[0]! / 4);
  });

  it("ignores rollouts without a reward and groups whose rewards are equal", async () => {
    const [one, other] = [await newModel(), await newModel()];
    const groups = await rollOut(one, PROMPTS);
    const constant: Rollout[] = groups[0]!.map((rollout) => ({ ...rollout, reward: 1 }));
    const masked = groups.slice(1).map((group) => [...group, { ...group[0]!, reward: null }]);
    const plain = await grpoUpdate({ model: one }, groups.slice(1), settings, new SeededStream(4));
    // The constant group changes the divisor only, which AdamW's first step does not see.
    const padded = await grpoUpdate({ model: other }, [...masked, constant], settings, new SeededStream(4));
    expect(padded.nullRewards).toBeCloseTo(5 / 29, 10);
    expect(padded.keptShare).toBeCloseTo(25 / 29, 10);
    expect(plain.keptShare).toBe(1);
    const difference = largestDifference(await logprobsOf(one, groups), await logprobsOf(other, groups));
    expect(difference).toBeLessThan(1e-3);
  });

  it.each(["sequence-mean", "token-mean", "dr-grpo"] as const)(
    "weighs tokens by %s so that all weights of a step add up as named",
    async (lossNormalization) => {
      const model = await newModel();
      const groups = await rollOut(model, PROMPTS);
      const seen: number[] = [];
      const spy = new Proxy(model, {
        get: (target, key) => {
          if (key === "forwardBackward")
            return (
              data: Parameters<TrainingModel["forwardBackward"]>[0],
              loss: Parameters<TrainingModel["forwardBackward"]>[1],
            ) => {
              for (const datum of data) seen.push(...datum.lossInputs.kl_weights!.data);
              return target.forwardBackward(data, loss);
            };
          const value = Reflect.get(target, key, target) as unknown;
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      const reference = await model.samplerNow().result;
      const all = groups.flat();
      await grpoUpdate(
        { model: spy, reference },
        groups,
        { ...settings, klBeta: 0.1, constantGroups: "keep", lossNormalization },
        new SeededStream(5),
      );
      const total = seen.reduce((sum, weight) => sum + weight, 0);
      const tokens = all.reduce((sum, { tokens }) => sum + tokens.length, 0);
      expect(total).toBeCloseTo(lossNormalization === "dr-grpo" ? tokens / (all.length * 8) : 1, 4);
    },
  );
});
