/** The conformance suite of the training protocol: for any engine in process and any server. */
export { type ConformanceBackend, serverBackend } from "./conformance-backend.ts";
export type { Finding } from "./finding.ts";
export {
  type ConformanceOptions,
  type ConformanceReport,
  type GroupResult,
  printConformance,
  runConformance,
} from "./run-conformance.ts";
