import type { Row } from "../row.ts";

export const row: Row = {
  name: "engine-group",
  what: "a GRPO update of groups of 8 responses of 32 tokens to a prompt of 64, over PyTorch with one row per response",
  bar: "median ratio at least 1.8 on nano and on SmolLM2-135M with LoRA",
  async measure() {
    const { measureSpeed } = await import("../engine/measure-speed.ts");
    const { GROUP_UPDATE } = await import("../engine/workloads.ts");
    return measureSpeed({ ours: "train-bench.ts", peer: "torch_train.py" }, GROUP_UPDATE);
  },
};
