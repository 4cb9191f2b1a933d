/**
 * Rubrics as Rewards in the sandbox: trains every arm with three seeds and prints what came out.
 *   npx tsx --conditions=armature-source recipes/rar/run.ts [--runs runs/rar] [--seeds 0,1,2]
 * The policy that all start from (start-policy) is warmed up first where it is missing below --runs. Finished runs are kept, a
 * stopped one goes on.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeReport } from "../../packages/armature/src/run/report.ts";
import { reportMarkdown } from "../../packages/armature/src/run/report-markdown.ts";
import { type Arm, runArms } from "../../perf/sandbox/policy-arms.ts";
import { startPolicy } from "../arm-policy/start-policy.ts";
import { rarReport } from "./rar-report.ts";

/** Chance of a wrong verdict that makes the weak judge. */
const WEAK = 0.2;

const rubric = (...settings: readonly string[]): readonly string[] => [
  "reward.kind=sandbox-rubric",
  ...settings.map((setting) => `reward.${setting}`),
];

const ARMS: readonly Arm[] = [
  { name: "explicit", settings: rubric() },
  { name: "implicit", settings: rubric("scoring=implicit") },
  {
    name: "predefined",
    settings: rubric("rubrics=generic", "scoring=mean", "categories=[important, optional]"),
  },
  { name: "Likert", settings: rubric("scoring=likert") },
  { name: "reference Likert", settings: rubric("scoring=reference-likert") },
  { name: "essential only", settings: rubric("categories=[essential]") },
  { name: "no labels", settings: rubric("labels=false") },
  { name: "no pitfalls", settings: rubric("categories=[essential, important, optional]") },
  { name: "explicit, weak judge", settings: rubric(`verdictNoise=${WEAK}`) },
  { name: "implicit, weak judge", settings: rubric("scoring=implicit", `verdictNoise=${WEAK}`) },
  { name: "Likert, weak judge", settings: rubric("scoring=likert", `verdictNoise=${WEAK}`) },
  { name: "truth", settings: ["reward.kind=sandbox-truth"] },
];

const { values } = parseArgs({
  options: { runs: { type: "string", default: "runs/rar" }, seeds: { type: "string", default: "0,1,2" } },
});
const start = `model.checkpoint=${startPolicy(resolve(values.runs))}`;
const runs = runArms({
  recipe: fileURLToPath(new URL("recipe.yaml", import.meta.url)),
  arms: ARMS.map(({ name, settings }) => ({ name, settings: [start, ...settings] })),
  seeds: values.seeds.split(",").map(Number),
  runs: values.runs,
});
const report = rarReport(runs);
writeReport(values.runs, report);
process.stdout.write(reportMarkdown(report));
