import type { Row } from "../row.ts";

export const row: Row = {
  name: "pipeline",
  what: "wall time of a GRPO step at staleness 1 over staleness 0, with a judge that takes as long as the sampler",
  bar: "at most 0.65, and at staleness 0 metrics and weights equal to the plain loop bit for bit",
  async measure() {
    const { measurePipeline } = await import("../policy/measure-pipeline.ts");
    return measurePipeline();
  },
};
