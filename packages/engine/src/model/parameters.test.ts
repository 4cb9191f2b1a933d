import { describe, expect, it } from "vitest";
import { type GoldenModel, readGolden } from "../../test/golden/read-golden.ts";
import { initializeParameters } from "./initialize.ts";
import { initializeLora, type LoraConfig, loraParameters } from "./lora.ts";
import { readModelConfig } from "./model-config.ts";
import { baseParameters, ParameterStore } from "./parameters.ts";

const golden = readGolden<Record<"tied" | "untied", GoldenModel>>("llama.json");
const adapted = readGolden<Record<"tied", { order: string[] }>>("lora.json");
const config = readModelConfig(golden.tied.config, "config.json");
const everywhere: LoraConfig = { rank: 3, alpha: 6, attention: true, mlp: true, head: true, seed: 5 };

const deviation = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

describe("baseParameters", () => {
  it.each(["tied", "untied"] as const)("has the names and order of transformers (%s)", (variant) => {
    const names = baseParameters(readModelConfig(golden[variant].config, "c")).map(({ name }) => name);
    expect(names).toEqual(Object.keys(golden[variant].gradients));
  });
});

describe("loraParameters", () => {
  it("has the names and order of peft", () => {
    expect(loraParameters(config, everywhere).map(({ name }) => name)).toEqual(adapted.tied.order);
  });

  it("adapts only what is switched on", () => {
    const names = loraParameters(config, { ...everywhere, mlp: false, head: false }).map(({ name }) => name);
    expect(names).toHaveLength(2 * 4 * config.layers);
    expect(names.every((name) => name.includes(".self_attn."))).toBe(true);
  });
});

describe("ParameterStore", () => {
  const frozen = { name: "c", shape: [2], values: Float32Array.of(1, 2) };

  it("holds all trainable values and gradients in two flat arrays", () => {
    const store = new ParameterStore(
      [
        { name: "a", shape: [2, 2] },
        { name: "b", shape: [1] },
      ],
      [frozen],
    );
    store.set("b", [7]);
    store.get("a").gradient![3] = 5;
    expect([...store.values]).toEqual([0, 0, 0, 0, 7]);
    expect([...store.gradients]).toEqual([0, 0, 0, 5, 0]);
    expect(store.get("c").values).toBe(frozen.values);
    expect(store.get("c").gradient).toBeUndefined();
    expect([store.has("a"), store.has("d")]).toEqual([true, false]);
  });

  it("refuses names given twice, unknown names and values of another size", () => {
    expect(() => new ParameterStore([{ name: "c", shape: [2] }], [frozen])).toThrow("same name");
    expect(() => new ParameterStore([], [{ ...frozen, shape: [3] }])).toThrow("c is [3], 3 values; got 2");
    const store = new ParameterStore([], [frozen]);
    expect(() => store.get("d")).toThrow("the model has no parameter d");
    expect(() => store.set("c", [1])).toThrow("c is [2], 2 values; got 1");
  });
});

describe("initializeParameters", () => {
  const store = new ParameterStore(baseParameters(config));
  initializeParameters(store, config, 3);

  it("draws matrices with the stated deviations and sets norms to one", () => {
    const [hidden, inner] = [config.hiddenSize, config.intermediateSize];
    expect(deviation(store.get("model.embed_tokens.weight").values)).toBeCloseTo(0.05, 2);
    const q = store.get("model.layers.0.self_attn.q_proj.weight").values;
    expect(deviation(q) * Math.sqrt(hidden)).toBeCloseTo(1, 0);
    const down = store.get("model.layers.1.mlp.down_proj.weight").values;
    expect(deviation(down) * Math.sqrt(inner * 2 * config.layers)).toBeCloseTo(1, 0);
    expect(store.get("model.norm.weight").values.every((x) => x === 1)).toBe(true);
  });

  it("repeats itself for a seed and differs for another", () => {
    const [same, other] = [3, 4].map((seed) => {
      const again = new ParameterStore(baseParameters(config));
      initializeParameters(again, config, seed);
      return again.values;
    });
    expect(same).toEqual(store.values);
    expect(other).not.toEqual(store.values);
  });
});

describe("initializeLora", () => {
  it("draws A within peft's bound and leaves B zero, whatever else is adapted", () => {
    const frozen = baseParameters(config).map((spec) => ({
      ...spec,
      values: new Float32Array(spec.shape.reduce((a, b) => a * b, 1)),
    }));
    const [all, attention] = [everywhere, { ...everywhere, mlp: false, head: false }].map((lora) => {
      const store = new ParameterStore(loraParameters(config, lora), frozen);
      initializeLora(store, config, lora);
      return store;
    });
    const name = "base_model.model.model.layers.1.self_attn.o_proj.lora_A.weight";
    const a = all!.get(name).values;
    const bound = 1 / Math.sqrt(config.heads * config.headDim);
    const largest = a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(largest).toBeLessThanOrEqual(bound);
    expect(largest).toBeGreaterThan(0.8 * bound);
    expect(attention!.get(name).values).toEqual(a);
    expect(all!.get(name.replace("lora_A", "lora_B")).values.every((x) => x === 0)).toBe(true);
  });
});
