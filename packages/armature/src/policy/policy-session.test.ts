import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stopAfter } from "../../test/run/stop-after.ts";
import { loadRecipe } from "../config/load-recipe.ts";
import type { GrpoRecipe } from "../config/policy-recipe.ts";
import { SILENT_PROGRESS } from "../run/progress.ts";
import { RunDirectory, readRunRollouts } from "../run/run-directory.ts";
import type { EvaluationRecord } from "./evaluation/evaluation-values.ts";
import {
  curveOfRuns,
  evaluationAfter,
  promptMeans,
  RESPONSE_VALUES,
} from "./evaluation/evaluation-values.ts";
import { runGrpo } from "./grpo/grpo-run.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-policy-run-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = [
  "steps=5",
  "promptsPerBatch=6",
  "groupSize=3",
  "evaluation.prompts=8",
  "evaluation.every=2",
  "evaluation.samples=2",
  "output.commitEvery=2",
];

function load(): GrpoRecipe {
  const file = join(folder, "recipe.yaml");
  writeFileSync(file, "method: grpo\npreset: sandbox\nreward: {kind: sandbox-truth}\n");
  return loadRecipe(file, SMALL, folder).recipe as GrpoRecipe;
}

/** Runs until the end, or until the stop is requested for the `stopAt`-th time it is asked. */
async function train(name: string, stopAt = Number.POSITIVE_INFINITY) {
  const recipe = load();
  const run = RunDirectory.start(join(folder, name), { recipe });
  const interruption = stopAfter(stopAt);
  try {
    return await runGrpo({ recipe, resolve: (path) => path, run, progress: SILENT_PROGRESS, interruption });
  } finally {
    run.close();
  }
}

const file = (run: string, name: string) => readFileSync(join(folder, run, name), "utf8");
const metricsOf = (run: string) =>
  file(run, "metrics.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, number | string | null>);

describe("a policy run", () => {
  it("goes on after each interruption as if there had been none", async () => {
    const whole = await train("whole");
    for (const stopAfter of [1, 2]) expect((await train("broken", stopAfter)).status).toBe("interrupted");
    const resumed = await train("broken");
    expect(file("broken", "metrics.jsonl")).toBe(file("whole", "metrics.jsonl"));
    expect(file("broken", "evaluation-after.json")).toBe(file("whole", "evaluation-after.json"));
    if (whole.status !== "finished" || resumed.status !== "finished") throw new Error("not finished");
    expect(resumed.report.summary).toEqual(whole.report.summary);
  });

  it("measures before, between and after, and trains in every step", () => {
    const metrics = metricsOf("whole");
    expect(metrics.map(({ kind, step }) => `${kind} ${step}`)).toEqual([
      ...["evaluation 0", "grpo 1", "grpo 2", "evaluation 2"],
      ...["grpo 3", "grpo 4", "evaluation 4", "grpo 5", "evaluation 5"],
    ]);
    for (const { kind, gradNorm, samplerTrainerGap } of metrics) {
      if (kind !== "grpo") continue;
      expect(gradNorm).toBeGreaterThan(0);
      expect(samplerTrainerGap).toBeLessThan(1e-3);
    }
  });

  it("keeps each response of every evaluation, also after interruptions", () => {
    const records = readRunRollouts<EvaluationRecord>(join(folder, "whole"), "evaluation");
    expect(readRunRollouts(join(folder, "broken"), "evaluation")).toEqual(records);
    for (const evaluation of metricsOf("whole").filter(({ kind }) => kind === "evaluation")) {
      const own = records.filter(({ step }) => step === evaluation["step"]);
      expect(own).toHaveLength(8 * 2);
      const winRate = own.reduce((sum, { truth }) => sum + truth!.winRate, 0) / own.length;
      expect(winRate).toBeCloseTo(evaluation["trueWinRate"] as number, 10);
    }
  });

  it("gives curves by run, step and prompt", () => {
    const curve = curveOfRuns([join(folder, "whole"), join(folder, "broken")], RESPONSE_VALUES.winRate);
    expect(curve.x).toEqual([0, 2, 4, 5]);
    expect(curve.values[1]).toEqual(curve.values[0]);
    const evaluations = metricsOf("whole").filter(({ kind }) => kind === "evaluation");
    for (const [i, { trueWinRate }] of evaluations.entries()) {
      const point = curve.values[0]![i]! as number[];
      expect(point).toHaveLength(8);
      expect(point.reduce((sum, value) => sum + value, 0) / 8).toBeCloseTo(trueWinRate as number, 10);
    }
    const after = promptMeans(evaluationAfter(join(folder, "whole")), RESPONSE_VALUES.winRate);
    expect(after).toEqual(curve.values[0]!.at(-1));
  });

  it("starts at no distance from itself and moves away", () => {
    const [start, ...later] = metricsOf("whole").filter(({ kind }) => kind === "evaluation");
    expect(start!["klToBase"]).toBeCloseTo(0, 4);
    expect(later.at(-1)!["klToBase"]).toBeGreaterThan(1e-3);
  });

  it("returns its report again when it had finished", async () => {
    const again = await train("whole");
    expect(again.status).toBe("finished");
  });
});
