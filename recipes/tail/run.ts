/**
 * Over-optimisation in the sandbox: trains a policy with each reward and three seeds, and writes curves, turning points,
 * accuracies and the best-of-n curves as report.md and report.html.
 *   npx tsx --conditions=armature-source recipes/tail/run.ts [--runs runs/tail] [--seeds 0,1,2]
 * Finished parts are kept, a stopped run goes on.
 */
import { parseArgs } from "node:util";
import { writeReport } from "../../packages/armature/src/run/report.ts";
import { reportMarkdown } from "../../packages/armature/src/run/report-markdown.ts";
import { rewardStudies } from "./best-of-n.ts";
import { tailExperiment } from "./experiment.ts";
import { rewardCurves, tailExperimentReport } from "./tail-report.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "runs/tail" }, seeds: { type: "string", default: "0,1,2" } },
});
const experiment = await tailExperiment(values.runs, values.seeds.split(",").map(Number));
const report = tailExperimentReport(experiment, rewardCurves(experiment), await rewardStudies(experiment));
writeReport(values.runs, report);
process.stdout.write(reportMarkdown(report));
