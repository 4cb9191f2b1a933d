import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PolicyEvaluation } from "../packages/armature/src/policy/evaluation/policy-evaluation.ts";

/** A training run of an experiment, by its recipe and what is set on top. */
export interface RunWanted {
  readonly name: string;
  readonly recipe: string;
  readonly settings: readonly string[];
}

const ROOT = join(import.meta.dirname, "..");

/** The folder of a finished run below `runs`: one that is there already, or one that is trained now, from where it stopped. */
export function trainedRun(runs: string, { name, recipe, settings }: RunWanted): string {
  const folder = join(runs, name);
  if (existsSync(join(folder, "report.json"))) return folder;
  process.stderr.write(`\n${name}\n`);
  const main = join(ROOT, "packages/armature/src/cli/main.ts");
  const asked = ["train", recipe, "--name", name, "--runs", runs];
  const { status } = spawnSync(
    process.execPath,
    [
      ...["--import", "tsx", "--conditions=armature-source", main, ...asked],
      ...settings.flatMap((setting) => ["--set", setting]),
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  if (status !== 0) throw new Error(`${name}: the run ended with ${status}; start again to go on`);
  return folder;
}

/** What a run measured of its policy before and after training. */
export function policyEvaluations(folder: string): {
  readonly before: PolicyEvaluation;
  readonly after: PolicyEvaluation;
} {
  const read = (name: string) =>
    JSON.parse(readFileSync(join(folder, `evaluation-${name}.json`), "utf8")) as PolicyEvaluation;
  return { before: read("before"), after: read("after") };
}
