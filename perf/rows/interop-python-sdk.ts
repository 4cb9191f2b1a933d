import type { Row } from "../row.ts";

/** The last version that sends JSON, and the newest. */
const VERSIONS = ["0.24.1", "0.38.0"];

export const row: Row = {
  name: "interop-python-sdk",
  what: "the official Python SDK of the JSON and of the protobuf era against our server: 20 steps, save, load, sample, logprobs",
  bar: "every number equal to the engine in process, with both versions",
  async measure() {
    const { compareSdk } = await import("../../tools/interop/python-sdk.ts");
    const reports = [];
    for (const version of VERSIONS) {
      process.stderr.write(`tinker ${version}\n`);
      reports.push(await compareSdk(version));
    }
    const differences = reports.map((report) => ("difference" in report ? report.difference : Number.NaN));
    const value = Math.max(...differences);
    const holds = value === 0 && reports.every((report) => "faults" in report && report.faults.length === 0);
    return { value, unit: "largest difference", holds, detail: { reports } };
  },
};
