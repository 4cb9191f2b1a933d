import type { Row } from "../row.ts";

export const row: Row = {
  name: "conformance",
  what: "the conformance suite on the engine in process and on our server over HTTP, in JSON and in protobuf",
  bar: "all 14 groups pass on each",
  async measure() {
    const { measureConformance } = await import("../tinker/measure-conformance.ts");
    return measureConformance();
  },
};
