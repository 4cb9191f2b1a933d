import type { Row } from "../row.ts";

export const row: Row = {
  name: "interop-skyrl",
  what: "SkyRL's own training server on the processor, driven by our client, with the table of its deviations",
  bar: "every operation works; the base model's logprobs within 1e-3 of our engine's",
  async measure() {
    const { driveSkyrl } = await import("../../tools/interop/skyrl.ts");
    const report = await driveSkyrl((line) => process.stderr.write(`${line}\n`));
    const unit = "operations that failed";
    if ("unavailable" in report)
      return { value: Number.NaN, unit, holds: false, detail: { unavailable: report.unavailable } };
    const holds = report.failed.length === 0 && report.logprobDifference < 1e-3;
    return { value: report.failed.length, unit, holds, detail: { ...report } };
  },
};
