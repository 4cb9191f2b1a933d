import { cpus } from "node:os";
import type { Report } from "./report.ts";
import { runVersions } from "./run-identity.ts";

/** What the report of a run in the sandbox says of itself. */
export const SANDBOX_LIMIT =
  "The sandbox is a small controlled world with nano models: it shows that the method works and where, not how large models behave.";

/** What a report says of how its run was made. */
export function runFacts(
  { seed, preset }: { readonly seed: number; readonly preset: string },
  startedAt: string,
): Report["facts"] {
  return [
    { label: "seed", value: String(seed) },
    { label: "preset", value: preset },
    { label: "started", value: startedAt },
    { label: "machine", value: `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}` },
    ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
  ];
}
