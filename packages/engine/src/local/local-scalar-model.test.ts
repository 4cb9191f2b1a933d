import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TinkerError } from "@armature/tinker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TINY_MODEL } from "../../test/tiny-model.ts";
import { CheckpointError } from "../errors.ts";
import { LocalEngine } from "./local-engine.ts";
import type { ScalarModel, ScoreLoss } from "./scalar-model.ts";

const lora = { rank: 4, alpha: 8, attention: true, mlp: true, head: false, seed: 1 };
const adam = { learning_rate: 1e-2, eps: 1e-8 };
const sequences = [
  [3, 14, 15, 9],
  [3, 14, 15, 26, 5],
];
/** −ln σ(first − second) */
const preferFirst: ScoreLoss = ([first, second]) => {
  const wrong = 1 / (1 + Math.exp(first! - second!));
  return { loss: -Math.log(1 - wrong), gradients: [-wrong, wrong], metrics: { wrong } };
};

const folder = mkdtempSync(join(tmpdir(), "armature-scalar-model-"));
let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open(TINY_MODEL, { threads: 1 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const newModel = (adapter: typeof lora | null, headSeed = 5) =>
  engine.createScalarModel({ lora: adapter, checkpoints: folder, headSeed });
const scores = async (model: ScalarModel) => [...(await model.score(sequences).result)];
const step = (model: ScalarModel) => {
  const gradient = model.forwardBackwardCustom(sequences, preferFirst);
  return Promise.all([gradient.result, model.optimStep(adam).result]);
};

describe.each([
  ["all weights", null],
  ["an adapter", lora],
] as const)("a scalar model of %s", (kind, adapter) => {
  it("learns, steps in order, and starts at the head of its seed", async () => {
    const model = await newModel(adapter);
    const before = await scores(model);
    expect(await scores(await newModel(adapter))).toEqual(before);
    expect(await scores(await newModel(adapter, 6))).not.toEqual(before);
    const [result] = await step(model);
    expect([...result.scores]).toEqual(before);
    expect(result.metrics["loss:sum"]).toBeCloseTo(Math.log1p(Math.exp(before[1]! - before[0]!)), 6);
    expect(result.metrics["wrong"]).toBeGreaterThan(0);
    for (let i = 0; i < 10; i++) await step(model);
    const after = await scores(model);
    expect(after[0]! - after[1]!).toBeGreaterThan(before[0]! - before[1]! + 0.5);
    await model.dispose();
    await expect(model.score(sequences).result).rejects.toThrow(/was disposed/);
  });

  it("goes on from a saved state exactly as if it had not stopped", async () => {
    const model = await newModel(adapter);
    for (let i = 0; i < 3; i++) await step(model);
    const { path } = await model.saveState(`state-${kind}`).result;
    const { path: weights } = await model.saveWeights(`weights-${kind}`).result;
    const saved = await scores(model);
    for (let i = 0; i < 3; i++) await step(model);
    const unbroken = await scores(model);

    const resumed = await newModel(adapter, 99);
    await resumed.loadState(path).result;
    expect(await scores(resumed)).toEqual(saved);
    for (let i = 0; i < 3; i++) await step(resumed);
    expect(await scores(resumed)).toEqual(unbroken);
    await expect(resumed.loadState(weights).result).rejects.toThrow(/holds no optimizer state/);
    await resumed.loadState(weights, { optimizer: false }).result;
    expect(await scores(resumed)).toEqual(saved);
  });

  it("is told apart from a language model", async () => {
    const model = await newModel(adapter);
    const { path } = await model.saveState(`apart-${kind}`).result;
    const language = await engine.createModel({ lora: adapter, checkpoints: folder });
    await expect(language.loadState(path).result).rejects.toThrow(CheckpointError);
    const { path: other } = await language.saveState(`language-${kind}`).result;
    await expect(model.loadState(other).result).rejects.toThrow(/lacks parameter .*score\.weight/);
  });
});

describe("LocalEngine.createScalarModel", () => {
  it("refuses an adapter of the head that is not there", async () => {
    await expect(newModel({ ...lora, head: true })).rejects.toThrow(TinkerError);
    await expect(newModel({ ...lora, head: true })).rejects.toThrow(/set the adapter's head to false/);
  });

  it("a loss of the wrong length, or that throws, is rejected and later calls go on", async () => {
    const model = await newModel(null);
    const short = model.forwardBackwardCustom(sequences, () => ({ loss: 0, gradients: [1] }));
    const throwing = model.forwardBackwardCustom(sequences, () => {
      throw new RangeError("no loss");
    });
    const [first, second] = await Promise.allSettled([short.result, throwing.result, step(model)]);
    expect(first).toMatchObject({ reason: { message: "the loss gave 1 gradients for 2 scores" } });
    expect(second).toMatchObject({ reason: { message: "no loss" } });
    expect(await scores(model)).toHaveLength(2);
  });

  it("writes the layout of a classification with one label", async () => {
    const [full, adapter] = [await newModel(null), await newModel(lora)];
    const { path } = await full.saveWeights("layout-full").result;
    const { path: peft } = await adapter.saveWeights("layout-adapter").result;
    const json = (at: string, name: string) => JSON.parse(readFileSync(join(at, name), "utf8"));
    expect(json(path, "config.json")).toMatchObject({
      architectures: ["LlamaForSequenceClassification"],
      id2label: { 0: "LABEL_0" },
    });
    expect(json(peft, "adapter_config.json")).toMatchObject({
      task_type: "SEQ_CLS",
      modules_to_save: ["score"],
    });
  });
});

const python = process.env["ARMATURE_PYTHON"];
if (!python)
  process.stdout.write("skipped: set ARMATURE_PYTHON (peft, transformers) to load scalar models in Python\n");

describe.skipIf(!python)("transformers and peft", () => {
  it("score what the engine scores", async () => {
    const [full, adapter] = [await newModel(null), await newModel(lora)];
    await step(adapter);
    const paths = [await full.saveWeights("full").result, await adapter.saveWeights("adapter").result];
    const script = new URL("../../test/golden/load-scalar.py", import.meta.url).pathname;
    const arguments_ = [script, ...paths.map(({ path }) => path), JSON.stringify(sequences[1])];
    const output = execFileSync(python!, arguments_, { encoding: "utf8" });
    const loaded = JSON.parse(output.trim().split("\n").at(-1)!);
    expect(loaded).toMatchObject({ labels: 1, missing: [], unexpected: [] });
    expect(loaded.full).toBeCloseTo((await scores(full))[1]!, 5);
    expect(loaded.adapter).toBeCloseTo((await scores(adapter))[1]!, 5);
  }, 120_000);
});
