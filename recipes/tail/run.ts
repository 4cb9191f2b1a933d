/**
 * Over-optimisation in the sandbox: trains a policy with each reward and three seeds and prints the curves' turning points.
 *   npx tsx --conditions=armature-source recipes/tail/run.ts [--runs runs/tail] [--seeds 0,1,2]
 * Finished parts are kept, a stopped run goes on.
 */
import { parseArgs } from "node:util";
import { tailExperiment } from "./experiment.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "runs/tail" }, seeds: { type: "string", default: "0,1,2" } },
});
await tailExperiment(values.runs, values.seeds.split(",").map(Number));
