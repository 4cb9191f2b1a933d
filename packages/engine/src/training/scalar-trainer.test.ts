import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TinkerError } from "@armature/tinker";
import { afterEach, describe, expect, it } from "vitest";
import { goldenWeights } from "../../test/golden/golden-weights.ts";
import { readGolden, relativeError } from "../../test/golden/read-golden.ts";
import { finiteDifferences, largestError } from "../../test/numbers.ts";
import { readPeftAdapter } from "../checkpoint/peft-adapter.ts";
import { evaluate } from "../graph/evaluate.ts";
import { BATCH_INPUTS } from "../model/batch-shape.ts";
import { initializeParameters } from "../model/initialize.ts";
import type { LoraConfig } from "../model/lora.ts";
import { type ModelConfig, readModelConfig } from "../model/model-config.ts";
import { ADAPTED_SCORE, baseParameters, ParameterStore, SCORE } from "../model/parameters.ts";
import { rotaryTables } from "../model/rotary.ts";
import { buildScalarModel, initializeScoreHead, scalarParameters } from "../model/scalar-head.ts";
import { ScalarTrainer } from "./scalar-trainer.ts";
import { SCORES, scoreGradientGraph } from "./score-graph.ts";
import { gradientOutput } from "./step-graph.ts";
import type { TrainerOptions } from "./trainer.ts";

interface GoldenScores {
  readonly config: unknown;
  readonly scores: readonly number[];
  readonly parameters: readonly { readonly name: string; readonly gradient: readonly number[] }[];
}

// Made by test/golden/make-scalar-golden.py with transformers and peft.
const golden = readGolden<{
  sequences: number[][];
  weights: number[];
  full: GoldenScores;
  adapter: GoldenScores & { files: Record<string, string> };
}>("scalar.json");

const lora: LoraConfig = { rank: 3, alpha: 6, attention: true, mlp: true, head: false, seed: 0 };
const tiny: ModelConfig = {
  vocabularySize: 7,
  hiddenSize: 4,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headDim: 2,
  intermediateSize: 5,
  ropeTheta: 10_000,
  normEpsilon: 1e-5,
  tiedEmbeddings: true,
  maxContextLength: 8,
  eosTokenIds: [],
};

const open: ScalarTrainer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((trainer) => trainer.dispose()));
});

function track(trainer: ScalarTrainer): ScalarTrainer {
  open.push(trainer);
  return trainer;
}

function fullTrainer(options: Omit<TrainerOptions, "logprobs"> = {}): ScalarTrainer {
  const config = readModelConfig(golden.full.config, "config.json");
  const store = new ParameterStore(scalarParameters(config, undefined));
  const order = golden.full.parameters.map(({ name }) => name);
  for (const parameter of store.trainable)
    store.set(parameter.name, goldenWeights(parameter, order.indexOf(parameter.name)));
  return track(new ScalarTrainer(config, store, options));
}

function adapterTrainer(): ScalarTrainer {
  const config = readModelConfig(golden.adapter.config, "config.json");
  const frozen = baseParameters(config).map((spec, k) => ({ ...spec, values: goldenWeights(spec, k) }));
  const store = new ParameterStore(scalarParameters(config, lora), frozen);
  const order = golden.adapter.parameters.map(({ name }) => name);
  for (const parameter of store.trainable)
    store.set(parameter.name, goldenWeights(parameter, order.indexOf(parameter.name)));
  return track(new ScalarTrainer(config, store, { lora }));
}

describe("ScalarTrainer", () => {
  it.each([
    ["all weights", fullTrainer, golden.full],
    ["an adapter and the head", adapterTrainer, golden.adapter],
  ] as const)("gives transformers' scores and gradients of %s", async (_, make, reference) => {
    const trainer = make();
    expect(relativeError(await trainer.score(golden.sequences), reference.scores)).toBeLessThan(2e-5);
    const scores = await trainer.addGradients(golden.sequences, golden.weights);
    expect(relativeError(scores, reference.scores)).toBeLessThan(2e-5);
    expect(trainer.store.trainable.map(({ name }) => name).sort()).toEqual(
      reference.parameters.map(({ name }) => name).sort(),
    );
    for (const { name, gradient } of reference.parameters)
      expect(relativeError(trainer.store.get(name).gradient!, gradient), name).toBeLessThan(2e-5);
  });

  it("has the gradients of finite differences, body and head", () => {
    const store = new ParameterStore(scalarParameters(tiny, undefined));
    initializeParameters(store, tiny, 3, { embedding: 0.5 });
    initializeScoreHead(store, undefined, 4);
    for (let i = 0; i < store.get(SCORE).values.length; i++) store.get(SCORE).values[i]! *= 40;
    const time = 4;
    const shape = {
      groups: 1,
      prefixTime: 0,
      lanes: 2,
      laneTime: time,
      selected: 2,
      barePrefix: false,
      sharedMask: true,
    };
    const rotary = rotaryTables(tiny, time);
    const causal = Array.from({ length: time * time }, (_, i) =>
      i % time <= Math.floor(i / time) ? 0 : -1e9,
    );
    const feeds = {
      [BATCH_INPUTS.tokens]: [1, 2, 3, 4, 1, 5, 6, 0],
      [BATCH_INPUTS.positions]: [0, 1, 2, 3, 0, 1, 2, 3],
      [BATCH_INPUTS.mask]: causal,
      [BATCH_INPUTS.cos]: rotary.cos,
      [BATCH_INPUTS.sin]: rotary.sin,
      [BATCH_INPUTS.selected]: [3, 6],
      ...Object.fromEntries(store.trainable.map(({ name, values }) => [name, values])),
    };
    const weights = [0.7, -1.3];
    const trainable = store.trainable.map(({ name }) => name);
    const outputs = scoreGradientGraph(tiny, shape, { recompute: false, trainable });
    const values = evaluate(Object.values(outputs), { ...feeds, weights });
    const found = new Map(Object.keys(outputs).map((name, i) => [name, values[i]!]));
    const { scores } = buildScalarModel(tiny, shape);
    expect([...found.get(SCORES)!]).toEqual([...evaluate([scores], feeds)[0]!]);
    for (const name of trainable)
      expect(
        largestError(found.get(gradientOutput(name))!, finiteDifferences(scores, weights, feeds, name)),
        name,
      ).toBeLessThan(1e-6);
  });

  it("computes the same packed, padded, cut small or with layers recomputed", async () => {
    const plain = fullTrainer({ packGroups: false });
    const scores = await plain.addGradients(golden.sequences, golden.weights);
    for (const options of [{}, { tokenBudget: 24 }, { recompute: true }]) {
      const other = fullTrainer(options);
      expect(relativeError(await other.addGradients(golden.sequences, golden.weights), scores)).toBeLessThan(
        1e-5,
      );
      expect(relativeError(other.store.gradients, plain.store.gradients)).toBeLessThan(1e-5);
    }
  });

  it("leaves sequences without gradient out", async () => {
    const [some, all] = [fullTrainer(), fullTrainer()];
    const scores = await some.addGradients(golden.sequences, [0, 1, 0, -1]);
    expect([...scores].map(Number.isNaN)).toEqual([true, false, true, false]);
    await all.addGradients([golden.sequences[1]!, golden.sequences[3]!], [1, -1]);
    expect(relativeError(some.store.gradients, all.store.gradients)).toBeLessThan(1e-6);
  });

  it("learns to order two sequences", async () => {
    const trainer = adapterTrainer();
    const pair = golden.sequences.slice(0, 2);
    for (let step = 0; step < 20; step++) {
      await trainer.addGradients(pair, [1, -1]);
      await trainer.optimStep({ learning_rate: 0.01 });
    }
    const [first, second] = await trainer.score(pair);
    expect(golden.adapter.scores[0]).toBeGreaterThan(golden.adapter.scores[1]!);
    expect(second).toBeGreaterThan(first!);
  });

  it("refuses what it cannot score and changes nothing", async () => {
    const trainer = fullTrainer();
    const refused: [number[][], number[], RegExp][] = [
      [[[1], []], [1, 1], /sequence 1 is empty/],
      [[[1, 61]], [1], /sequence 0 holds 61 at position 1/],
      [[Array(65).fill(1)], [1], /sequence 0: 65 tokens, the model's context has 64/],
      [[[1]], [Number.NaN], /sequence 0: the loss gave the gradient NaN/],
      [[[1]], [1, 2], /the loss gave 2 gradients for 1 scores/],
    ];
    for (const [sequences, gradients, message] of refused) {
      await expect(trainer.addGradients(sequences, gradients)).rejects.toThrow(message);
      await expect(trainer.addGradients(sequences, gradients)).rejects.toThrow(TinkerError);
    }
    expect(trainer.store.gradients.every((value) => value === 0)).toBe(true);
    expect(await trainer.score([])).toHaveLength(0);
  });
});

describe("readPeftAdapter", () => {
  it("reads a scalar adapter that peft saved", () => {
    const folder = mkdtempSync(join(tmpdir(), "armature-peft-scalar-"));
    for (const [name, base64] of Object.entries(golden.adapter.files))
      writeFileSync(join(folder, name), Buffer.from(base64, "base64"));
    const { parameters } = readPeftAdapter(folder);
    rmSync(folder, { recursive: true });
    const { store } = adapterTrainer();
    expect([...parameters.keys()].sort()).toEqual(store.trainable.map(({ name }) => name).sort());
    expect([...parameters.get(ADAPTED_SCORE)!.data]).toEqual([...store.get(ADAPTED_SCORE).values]);
  });
});
