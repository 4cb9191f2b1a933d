import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "../../packages/armature/src/run/report.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** How one run of `armature train` ended. */
export interface RunResult {
  readonly report: Report;
  readonly seconds: number;
  readonly folder: string;
}

const QUICKSTART = join(ROOT, "recipes/quickstart/recipe.yaml");

/** Starts `armature train` as a process of its own, on the quickstart recipe if on no other; its progress goes to stderr. */
export function startRun(
  runs: string,
  name: string,
  settings: readonly string[],
  quiet = false,
  recipe = QUICKSTART,
) {
  const main = join(ROOT, "packages/armature/src/cli/main.ts");
  const flags = settings.flatMap((setting) => ["--set", setting]);
  const args = ["--import", "tsx", "--conditions=armature-source", main, "train", recipe];
  return spawn(process.execPath, [...args, "--runs", runs, "--name", name, ...flags], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", quiet ? "ignore" : "inherit"],
  });
}

/** Runs it to its end. Throws where it fails. */
export async function trainRun(
  runs: string,
  name: string,
  settings: readonly string[],
  recipe = QUICKSTART,
): Promise<RunResult> {
  const began = performance.now();
  const child = startRun(runs, name, settings, false, recipe);
  const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  if (code !== 0) throw new Error(`run ${name} ended with exit code ${code}`);
  const folder = join(runs, name);
  const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report;
  return { report, seconds: (performance.now() - began) / 1000, folder };
}

/** A row of a report's summary. Throws where the report lacks it. */
export function summaryRow(report: Report, name: string): Report["summary"][number] {
  const row = report.summary.find((candidate) => candidate.name === name);
  if (!row) throw new Error(`the report has no row ${name}`);
  return row;
}
