import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completionDatum, type Sampler, TinkerError, type TrainingModel } from "@armature/tinker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TINY_MODEL } from "../../test/tiny-model.ts";
import { CheckpointError, ModelFileError } from "../errors.ts";
import { LocalEngine } from "./local-engine.ts";

const lora = { rank: 4, alpha: 8, attention: true, mlp: true, head: false, seed: 1 };
const adam = { learning_rate: 1e-2, eps: 1e-8 };
const SEQUENCE = Int32Array.of(3, 14, 15, 9, 26, 5);
const data = [completionDatum([3, 14, 15], [9, 26, 5], { weights: [1, 1, 1] })];

const folder = mkdtempSync(join(tmpdir(), "armature-local-engine-"));
let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open(TINY_MODEL, { threads: 1 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const newModel = (adapter: typeof lora | null = null) =>
  engine.createModel({ lora: adapter, checkpoints: folder });
const logprobs = async (sampler: Sampler) => [...(await sampler.logprobs(SEQUENCE).result).slice(1)];
const logprobsOf = async (model: TrainingModel) => {
  const sampler = await model.samplerNow().result;
  const row = await logprobs(sampler);
  await sampler.dispose();
  return row;
};
async function step(model: TrainingModel): Promise<void> {
  const gradient = model.forwardBackward(data, { name: "cross_entropy" });
  await Promise.all([gradient.result, model.optimStep(adam).result]);
}

describe("LocalEngine", () => {
  it("computes in another thread: timers go on while it works", async () => {
    const model = await newModel();
    const many = Array.from({ length: 200 }, () => data[0]!);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const began = performance.now();
    for (let i = 0; i < 4; i++) await model.forwardBackward(many, { name: "cross_entropy" }).result;
    clearInterval(timer);
    // A blocked loop would give at most one tick a call.
    expect(ticks).toBeGreaterThan(Math.min(20, (performance.now() - began) / 20));
  });

  it.each([
    ["all weights", null],
    ["an adapter", lora],
  ])("keeps a sampler at the weights that it was made of while %s are trained", async (_, adapter) => {
    const model = await newModel(adapter);
    const sampler = await model.samplerNow().result;
    const before = await logprobs(sampler);
    await step(model);
    expect(await logprobs(sampler)).toEqual(before);
    const after = await logprobsOf(model);
    expect(Math.max(...after.map((p, i) => Math.abs(p - before[i]!)))).toBeGreaterThan(1e-3);
    await sampler.dispose();
  });

  it("closes in the middle of a computation: calls are rejected, and the process lives", async () => {
    const busy = await LocalEngine.open(TINY_MODEL, { threads: 1 });
    const model = await busy.createModel({ lora: null, checkpoints: folder });
    const many = Array.from({ length: 2000 }, () => data[0]!);
    const first = model.forwardBackward(many, { name: "cross_entropy" }).result;
    const second = model.optimStep(adam).result;
    await new Promise((resolve) => setTimeout(resolve, 60));
    await Promise.all([busy.close(), busy.close()]);
    for (const call of [first, second])
      await expect(call).rejects.toMatchObject({ kind: "cancelled", message: "the engine was closed" });
  });

  it.each([
    ["all weights", null],
    ["an adapter", lora],
  ])("lets a sampler of %s outlive its model", async (_, adapter) => {
    const model = await newModel(adapter);
    await step(model);
    const sampler = await model.samplerNow().result;
    const before = await logprobs(sampler);
    await model.dispose();
    expect(await logprobs(sampler)).toEqual(before);
    await sampler.dispose();
  });

  it("trains several adapters over one base apart from each other", async () => {
    const base = await engine.baseSampler();
    const [one, other] = [await newModel(lora), await newModel({ ...lora, seed: 2 })];
    const start = await logprobs(base);
    for (const [i, p] of (await logprobsOf(one)).entries()) expect(p).toBeCloseTo(start[i]!, 5);
    await step(one);
    for (const [i, p] of (await logprobsOf(other)).entries()) expect(p).toBeCloseTo(start[i]!, 5);
    expect(await logprobs(base)).toEqual(start);
    expect(await logprobsOf(one)).not.toEqual(start);
  });

  it.each([
    ["all weights", null],
    ["an adapter", lora],
  ])("goes on exactly from a saved state of %s, optimizer included", async (name, adapter) => {
    const model = await newModel(adapter);
    await step(model);
    const { path } = await model.saveState(`state of ${name}`).result;
    await step(model);
    const resumed = await newModel(adapter);
    await resumed.loadState(path).result;
    await step(resumed);
    expect(await logprobsOf(resumed)).toEqual(await logprobsOf(model));
    const fresh = await newModel(adapter);
    await fresh.loadState(path, { optimizer: false }).result;
    await step(fresh);
    expect(await logprobsOf(fresh)).not.toEqual(await logprobsOf(model));
  });

  it("keeps the order of calls around a custom loss, which is two calls in truth", async () => {
    const [custom, plain] = [await newModel(), await newModel()];
    const lossOf = (rows: readonly Float32Array[]) => ({
      loss: -rows[0]!.slice(2).reduce((sum, p) => sum + p, 0),
      gradients: [Float32Array.from(rows[0]!, (_, i) => (i < 2 ? 0 : -1))],
    });
    const results = [custom.forwardBackwardCustom(data, lossOf).result, custom.optimStep(adam).result];
    const later = custom.forward(data).result;
    await Promise.all(results);
    await step(plain);
    expect(await logprobsOf(custom)).toEqual(await logprobsOf(plain));
    const seen = (await later).logprobs[0]!.slice(2);
    expect([...seen]).toEqual([...(await plain.forward(data).result).logprobs[0]!.slice(2)]);
  });

  it("gives back the errors of the thread with their class and kind", async () => {
    const model = await newModel();
    const outside = [completionDatum([3], [99], { weights: [1] })];
    const failure = await model
      .forwardBackward(outside, { name: "cross_entropy" })
      .result.catch((e: unknown) => e);
    expect(TinkerError.isInstance(failure) && failure.kind).toBe("user");
    expect((failure as Error).message).toContain("99");
    await expect(LocalEngine.open({ kind: "path", path: join(folder, "nothing") })).rejects.toThrow(
      ModelFileError,
    );
    await expect(model.loadState(join(folder, "nothing")).result).rejects.toThrow(CheckpointError);
    const adapter = await newModel(lora);
    const { path } = await adapter.saveState("adapter").result;
    await expect(model.loadState(path).result).rejects.toThrow("is an adapter");
    writeFileSync(join(path, "adapter_model.safetensors"), "x");
    await expect(adapter.loadState(path).result).rejects.toThrow(CheckpointError);
    // A refused call leaves the model usable.
    await step(model);
  });

  it("refuses to ask a sampler that was given back, and rejects what is under way when it is closed", async () => {
    const model = await newModel();
    const sampler = await model.samplerNow().result;
    await sampler.dispose();
    await expect(sampler.logprobs(SEQUENCE).result).rejects.toThrow("disposed");
    const other = await LocalEngine.open({ ...TINY_MODEL, seed: 1 }, { threads: 1 });
    const pending = (await other.baseSampler()).sample(SEQUENCE, { maxTokens: 50 });
    await other.close();
    await expect(pending.result).rejects.toThrow("closed");
  });
});
