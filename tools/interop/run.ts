/** `npm run test:interop`: Armature and the real Python software, in both directions. Prints what came of it; fails on a fault. */
import { runCookbook } from "./cookbook.ts";
import { compareSdk } from "./python-sdk.ts";
import { driveSkyrl } from "./skyrl.ts";

const PARTS: readonly (readonly [name: string, run: () => Promise<Result>])[] = [
  ["sdk-0.24.1", () => sdk("0.24.1")],
  ["sdk-0.38.0", () => sdk("0.38.0")],
  ["cookbook", cookbook],
  ["skyrl", skyrl],
];

/** `skipped` where the software could not be installed here. */
type Result = readonly [state: "passed" | "failed" | "skipped", why: string];

async function sdk(version: string): Promise<Result> {
  const report = await compareSdk(version);
  if ("unavailable" in report) return ["skipped", report.unavailable];
  const { difference, faults, numbers } = report;
  const passed = difference === 0 && faults.length === 0;
  const why = [`${numbers} numbers, largest difference ${difference}`, ...faults].join("; ");
  return [passed ? "passed" : "failed", why];
}

async function cookbook(): Promise<Result> {
  const reports = await runCookbook();
  if ("unavailable" in reports) return ["skipped", reports.unavailable];
  const parts = reports.map((report) =>
    "failed" in report
      ? `${report.loop}: ${report.failed}`
      : `${report.loop}: ${report.metrics.length} steps, ${report.checkpoints.length} checkpoints`,
  );
  return [reports.some((report) => "failed" in report) ? "failed" : "passed", parts.join("; ")];
}

async function skyrl(): Promise<Result> {
  const report = await driveSkyrl((line) => process.stderr.write(`${line}\n`));
  if ("unavailable" in report) return ["skipped", report.unavailable];
  const { failed, logprobDifference, operations, profile } = report;
  const works = Object.keys(operations).length - failed.length;
  const why = `${works} operations work${failed.length > 0 ? `, not: ${failed.join(", ")}` : ""}; logprobs differ by ${logprobDifference.toExponential(1)}; deviations: ${profile.deviations.join("; ") || "none"}`;
  return [failed.length === 0 ? "passed" : "failed", why];
}

const wanted = process.argv.slice(2);
for (const [name, run] of PARTS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const [state, why] = await run();
  process.stdout.write(`${name}: ${state}: ${why}\n`);
  if (state === "failed") process.exitCode = 1;
}
