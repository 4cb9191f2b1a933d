import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "../row.ts";

const SEEDS = [0, 1, 2];

export const row: Row = {
  name: "over-optimisation",
  what: "sandbox policies trained too long with five makes of rubrics and with a Bradley-Terry model: where the true win rate turns down",
  bar: "curves and turning points with intervals for Bradley-Terry and at least two rubric rewards",
  async measure() {
    const { rewardStudies } = await import("../../recipes/tail/best-of-n.ts");
    const { BRADLEY_TERRY, tailExperiment } = await import("../../recipes/tail/experiment.ts");
    const { rewardCurves, tailExperimentReport } = await import("../../recipes/tail/tail-report.ts");
    const { writeReport } = await import("../../packages/armature/src/run/report.ts");
    // A named folder keeps finished runs, so that a measurement that was stopped goes on.
    const runs = process.env["ARMATURE_PERF_RUNS"] ?? mkdtempSync(join(tmpdir(), "armature-tail-"));
    const experiment = await tailExperiment(runs, SEEDS);
    const curves = rewardCurves(experiment);
    const studies = await rewardStudies(experiment);
    writeReport(runs, tailExperimentReport(experiment, curves, studies));
    const shown = curves.filter(({ turning }) => turning !== null).map(({ reward }) => reward);
    return {
      value: curves.filter(({ turning }) => turning?.turns).length,
      unit: `of ${curves.length} rewards turn down`,
      holds: shown.includes(BRADLEY_TERRY) && shown.length >= 3,
      detail: {
        seeds: SEEDS,
        report: join(runs, "report.html"),
        rewards: curves.map(({ reward, turning, winRate, proxy }) => ({
          reward,
          turning,
          winRate: winRate.map(({ x, value }) => [x, rounded(value)]),
          proxy: proxy.map(({ x, value }) => [x, rounded(value)]),
        })),
        accuracy: studies.map(({ reward, study: { accuracy }, onGreat }) => ({
          reward,
          high: accuracy.high,
          low: accuracy.low,
          onGreat,
        })),
      },
    };
  },
};

const rounded = (value: number): number => Number(value.toPrecision(4));
