import type { Row } from "../row.ts";

export const row: Row = {
  name: "protocol-pipeline",
  what: "100 steps pipelined over sequential on a server 50 ms away, and client CPU per request beside the official Python SDK",
  bar: "pipelined at least 1.8 times sequential; CPU per request at most half of the SDK's; equal losses",
  async measure() {
    const { measurePipeline } = await import("../tinker/measure-pipeline.ts");
    return measurePipeline();
  },
};
