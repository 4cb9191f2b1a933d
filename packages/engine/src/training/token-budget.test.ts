import { describe, expect, it } from "vitest";
import type { ModelConfig } from "../model/model-config.ts";
import { defaultTokenBudget } from "./token-budget.ts";

const sized = (hiddenSize: number, layers: number, intermediateSize: number, heads: number): ModelConfig => ({
  vocabularySize: 100,
  hiddenSize,
  layers,
  heads,
  keyValueHeads: heads,
  headDim: hiddenSize / heads,
  intermediateSize,
  ropeTheta: 10_000,
  normEpsilon: 1e-5,
  tiedEmbeddings: true,
  maxContextLength: 2048,
  eosTokenIds: [],
});

describe("defaultTokenBudget", () => {
  it("gives nano models batches of one size, and small ones larger", () => {
    expect(defaultTokenBudget(sized(96, 3, 256, 3), "all layers")).toBe(1024);
    expect(defaultTokenBudget(sized(320, 4, 640, 4), "all layers")).toBe(4096);
  });

  it("keeps a 135M model near the 2.4 MB a token that were measured", () => {
    const smol = sized(576, 30, 1536, 9);
    const budget = defaultTokenBudget(smol, "all layers");
    expect(2 ** 30 / budget).toBeGreaterThan(1.6e6);
    expect(2 ** 30 / budget).toBeLessThan(2.9e6);
    const recomputing = defaultTokenBudget(smol, "one layer");
    expect(recomputing).toBeGreaterThan(2048);
    expect(recomputing).toBeLessThan(4096);
  });

  it("never goes below a usable size", () => {
    expect(defaultTokenBudget(sized(8192, 80, 28672, 64), "all layers")).toBe(128);
  });
});
