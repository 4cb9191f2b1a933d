import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Estimate, Report } from "../../packages/armature/src/run/report.ts";
import type { Row } from "../row.ts";
import { summaryRow, trainRun } from "../sandbox/train-run.ts";

const SEEDS = [0, 1, 2];

/** Two thirds of the quickstart's pairs: with a third, seeds of one setting lay further apart than the settings. */
const BUDGET = [
  "pairsPerRound=256",
  "evaluation.pairs=500",
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
  what: "the sandbox run on two thirds of its pairs with one part changed at a time, three seeds each",
  bar: "a table, whatever it says",
  async measure() {
    // A named folder keeps finished runs, so that a measurement that was stopped goes on.
    const runs = process.env["ARMATURE_PERF_RUNS"] ?? mkdtempSync(join(tmpdir(), "armature-ablations-"));
    const results = new Map(Object.keys(ABLATIONS).map((ablation) => [ablation, [] as SeedResult[]]));
    for (const seed of SEEDS) {
      for (const [ablation, settings] of Object.entries(ABLATIONS)) {
        const name = `${ablation.replaceAll(" ", "-")}-${seed}`;
        const { report } = await trainRun(runs, name, [...BUDGET, ...settings, `seed=${seed}`]);
        results.get(ablation)!.push(seedResult(seed, report));
      }
    }
    const table = [...results].map(([ablation, seeds]) => {
      const gains = seeds.map(({ gain }) => 100 * gain.value);
      return { ablation, settings: ABLATIONS[ablation]!, gain: mean(gains), spread: deviation(gains), seeds };
    });
    return {
      value: table.find(({ ablation }) => ablation === "full")!.gain,
      unit: "points of accuracy (full)",
      holds: true,
      detail: { budget: BUDGET, table },
    };
  },
};

interface SeedResult {
  readonly seed: number;
  readonly before: number;
  readonly after: number;
  readonly gain: Estimate;
  readonly recall: number | null;
  readonly oracleRubric: number | null;
  readonly firstWins: number | null;
  readonly parseFailures: number | null;
}

function seedResult(seed: number, report: Report): SeedResult {
  const value = (row: string) => report.summary.find(({ name }) => name === row)?.after.value ?? null;
  const accuracy = summaryRow(report, "accuracy");
  return {
    seed,
    before: accuracy.before!.value,
    after: accuracy.after.value,
    gain: accuracy.change!,
    recall: value("rubric-recall"),
    oracleRubric: value("accuracy-oracle-rubric"),
    firstWins: value("first-wins"),
    parseFailures: value("parse-failures"),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of a sample, over n − 1. */
function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}
