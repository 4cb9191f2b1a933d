import type { Row } from "../row.ts";

export const row: Row = {
  name: "engine-memory",
  what: "peak resident memory of the training runs over PyTorch's, in the setting that recipes train with",
  bar: "at most 0.75 on nano and on SmolLM2-135M with LoRA",
  async measure() {
    const { measureMemory } = await import("../engine/measure-memory.ts");
    return measureMemory();
  },
};
