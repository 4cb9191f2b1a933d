import { describe, expect, it } from "vitest";
import type { ModelConfig } from "../model/model-config.ts";
import { batchBytes, planBatches } from "./batch-plan.ts";

const SMOLLM2: ModelConfig = {
  vocabularySize: 49_152,
  hiddenSize: 576,
  layers: 30,
  heads: 9,
  keyValueHeads: 3,
  headDim: 64,
  intermediateSize: 1536,
  ropeTheta: 100_000,
  normEpsilon: 1e-5,
  tiedEmbeddings: true,
  maxContextLength: 8192,
  eosTokenIds: [2],
};

/** Groups of sequences that begin with the same tokens. */
function groups(count: number, members: number, prefix: number, branch: number) {
  return Array.from({ length: count * members }, (_, i) => ({
    tokens: Int32Array.from({ length: prefix + branch }, (_, at) =>
      at < prefix ? Math.floor(i / members) : 1000 + i,
    ),
  }));
}
const learning = { learning: true };

describe("planBatches", () => {
  it("keeps the layers of batches that fit", () => {
    expect(planBatches(SMOLLM2, groups(2, 1, 0, 256), learning).recompute).toBe(false);
    expect(planBatches(SMOLLM2, groups(2, 8, 64, 32), learning).recompute).toBe(false);
  });

  it("recomputes the layers of a sequence that would need more than 2 GiB, unless told not to", () => {
    const long = groups(1, 1, 0, 1200);
    const { batches, recompute } = planBatches(SMOLLM2, long, learning);
    expect(recompute).toBe(true);
    expect(batchBytes(SMOLLM2, batches[0]!, "one layer")).toBeLessThan(2 ** 30);
    expect(batchBytes(SMOLLM2, batches[0]!, "all layers")).toBeGreaterThan(2 ** 31);
    expect(planBatches(SMOLLM2, long, { ...learning, recompute: false }).recompute).toBe(false);
  });

  it("recomputes where long groups then stay whole", () => {
    const long = groups(4, 4, 600, 200);
    const whole = planBatches(SMOLLM2, long, learning);
    const parts = planBatches(SMOLLM2, long, { ...learning, recompute: false });
    expect(whole.recompute).toBe(true);
    expect(whole.batches.reduce((sum, { layouts }) => sum + layouts.length, 0)).toBe(4);
    expect(parts.batches.reduce((sum, { layouts }) => sum + layouts.length, 0)).toBe(16);
  });

  it("cuts a forward pass by what one layer needs", () => {
    const { batches, recompute } = planBatches(SMOLLM2, groups(4, 4, 600, 200), { learning: false });
    expect(recompute).toBe(false);
    expect(batches.flatMap(({ layouts }) => layouts)).toHaveLength(4);
  });
});
