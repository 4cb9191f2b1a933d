import type { Row } from "../row.ts";

export const row: Row = {
  name: "engine-train",
  what: "forward + backward tokens/s over eager PyTorch: same model, tokens and threads, pinned, in turns",
  bar: "median ratio at least 1.0 on nano (all weights) and 1.1 on SmolLM2-135M with LoRA",
  async measure() {
    const { measureSpeed } = await import("../engine/measure-speed.ts");
    const { TRAINING } = await import("../engine/workloads.ts");
    return measureSpeed({ ours: "train-bench.ts", peer: "torch_train.py" }, TRAINING);
  },
};
