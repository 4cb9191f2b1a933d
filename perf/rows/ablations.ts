import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "../row.ts";
import { summaryRow, trainRun } from "../sandbox/train-run.ts";

const SEEDS = [0, 1, 2];

/** A third of the quickstart's pairs: enough to tell the parts apart, little enough for 21 runs. */
const BUDGET = [
  "pairsPerRound=128",
  "evaluation.pairs=400",
  "evaluation.everyPhasePairs=60",
  "evaluation.votes=1",
  "model.threads=1",
];

/** What each ablation changes in the quickstart's recipe. */
const ABLATIONS: Readonly<Record<string, readonly string[]>> = {
  full: [],
  "no format reward": ["judge.formatReward=0", "generator.invalidReward=0"],
  "generator first": ["order=generator-first"],
  simultaneous: ["order=simultaneous"],
  "no cache": ["cacheRubrics=false"],
  "judge only": ["trainGenerator=false"],
  "static rubric": ["trainGenerator=false", "staticRubric=1. is clear [principle] 2. is helpful [principle]"],
};

export const row: Row = {
  name: "ablations",
  what: "the sandbox run on a third of its pairs with one part changed at a time, three seeds each",
  bar: "a table, whatever it says",
  async measure() {
    const runs = mkdtempSync(join(tmpdir(), "armature-ablations-"));
    const table = [];
    for (const [ablation, settings] of Object.entries(ABLATIONS)) {
      const seeds = [];
      for (const seed of SEEDS) {
        const name = `${ablation.replaceAll(" ", "-")}-${seed}`;
        const { report, seconds } = await trainRun(runs, name, [...BUDGET, ...settings, `seed=${seed}`]);
        const value = (row: string) =>
          report.summary.find((candidate) => candidate.name === row)?.after.value ?? null;
        const accuracy = summaryRow(report, "accuracy");
        seeds.push({
          seed,
          minutes: seconds / 60,
          before: accuracy.before!.value,
          after: accuracy.after.value,
          gain: accuracy.change!,
          recall: value("rubric-recall"),
          oracleRubric: value("accuracy-oracle-rubric"),
          firstWins: value("first-wins"),
          parseFailures: value("parse-failures"),
        });
      }
      table.push({ ablation, settings, gain: mean(seeds.map((each) => 100 * each.gain.value)), seeds });
    }
    const full = table.find(({ ablation }) => ablation === "full")!;
    return {
      value: full.gain,
      unit: "points of accuracy (full)",
      holds: true,
      detail: { budget: BUDGET, table },
    };
  },
};

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
