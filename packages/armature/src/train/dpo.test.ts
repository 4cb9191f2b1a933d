import { LocalEngine } from "@armature/engine";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dpoStep, pairLogprobs, type TokenPair } from "./dpo.ts";
import type { DpoLossSettings } from "./dpo-loss.ts";

const config = {
  ...{ vocabularySize: 40, hiddenSize: 32, layers: 2, heads: 2, keyValueHeads: 1, headDim: 16 },
  ...{ intermediateSize: 48, ropeTheta: 1000, normEpsilon: 1e-6, tiedEmbeddings: true },
  ...{ maxContextLength: 64, eosTokenIds: [1] },
};
const settings: DpoLossSettings = { loss: "sigmoid", beta: 0.1, labelSmoothing: 0, sftWeight: 0 };
const adam = { learning_rate: 1e-2, eps: 1e-8, grad_clip_norm: 1 };
const pairs: readonly TokenPair[] = [
  { prompt: [2, 3, 4], chosen: [5, 6, 1], rejected: [7, 8, 9, 1] },
  { prompt: [2, 10], chosen: [11, 1], rejected: [12, 13, 1] },
];

let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open({ kind: "random", name: "tiny", config, seed: 3 }, { threads: 1 });
});
afterAll(() => engine.close());

it("starts at log 2 from the reference, and learns to prefer what was chosen", async () => {
  const model = await engine.createModel({ lora: null, checkpoints: "" });
  const base = await model.samplerNow().result;
  const reference = await pairLogprobs(base, pairs);
  const referenced = pairs.map((pair, i) => ({ ...pair, reference: reference[i]! }));
  const first = await dpoStep(model, referenced, settings, adam);
  expect(first.preferenceLoss).toBeCloseTo(Math.LN2, 5);
  expect(first.margin).toBeCloseTo(0, 5);
  expect(first).toMatchObject({ pairs: 2, tokens: 6 + 7 + 4 + 5 });
  expect(first.gradNorm).toBeGreaterThan(0);
  for (let step = 0; step < 10; step++) await dpoStep(model, referenced, settings, adam);
  const last = await dpoStep(model, referenced, settings, adam);
  expect(last.accuracy).toBe(1);
  expect(last.preferenceLoss).toBeLessThan(first.preferenceLoss);

  // What the step reports is what a sampler of the same weights says: β times the gain over the reference.
  const now = await pairLogprobs(await model.samplerNow().result, pairs);
  const again = await dpoStep(model, referenced, settings, { ...adam, learning_rate: 0 });
  const gain = (side: "chosen" | "rejected") =>
    (settings.beta * (now[0]![side] - reference[0]![side] + now[1]![side] - reference[1]![side])) / 2;
  expect(again.chosenReward).toBeCloseTo(gain("chosen"), 4);
  expect(again.rejectedReward).toBeCloseTo(gain("rejected"), 4);
});

it("sums the logprobs of a response's tokens, and of no prompt token", async () => {
  const model = await engine.createModel({ lora: null, checkpoints: "" });
  const sampler = await model.samplerNow().result;
  const [{ chosen, rejected }] = (await pairLogprobs(sampler, pairs)) as [
    { chosen: number; rejected: number },
  ];
  const one = await sampler.logprobs([2, 3, 4, 5, 6, 1]).result;
  const other = await sampler.logprobs([2, 3, 4, 7, 8, 9, 1]).result;
  expect(chosen).toBeCloseTo(one[3]! + one[4]! + one[5]!, 5);
  expect(rejected).toBeCloseTo(other[3]! + other[4]! + other[5]! + other[6]!, 5);
});
