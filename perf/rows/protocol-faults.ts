import type { Row } from "../row.ts";

export const row: Row = {
  name: "protocol-faults",
  what: "60 pipelined steps over a proxy that drops 10 % of connections, fails 5 % of polls and refuses in bursts; once more with the server started anew in the middle",
  bar: "final weights exactly those of a clean run; the error after the restart names the last applied step",
  async measure() {
    const { measureFaults } = await import("../tinker/measure-faults.ts");
    return measureFaults();
  },
};
