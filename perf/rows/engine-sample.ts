import type { Row } from "../row.ts";

export const row: Row = {
  name: "engine-sample",
  what: "sampled tokens/s over transformers' generate, greedy, prefill included",
  bar: "median ratio at least 1.3 on nano at batch 256, 1.3 and 1.6 on SmolLM2-135M at batch 1 and 16; the goal is 2",
  async measure() {
    const { measureSpeed } = await import("../engine/measure-speed.ts");
    const { SAMPLING } = await import("../engine/workloads.ts");
    return measureSpeed({ ours: "sample-bench.ts", peer: "transformers_generate.py" }, SAMPLING);
  },
};
