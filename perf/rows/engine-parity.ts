import type { Row } from "../row.ts";

export const row: Row = {
  name: "engine-parity",
  what: "logits, logprobs and gradients against transformers and peft with the same weights; sampler against trainer",
  bar: "largest difference at most 1e-3: logits, logprobs and gradients relative to each tensor's largest entry, sampler against trainer logprobs absolute",
  async measure() {
    const { measureAllParity } = await import("../engine/measure-parity.ts");
    return measureAllParity();
  },
};
