import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stopAfter } from "../../test/run/stop-after.ts";
import { loadRecipe } from "../config/load-recipe.ts";
import type { ArmRecipe } from "../config/recipe-schema.ts";
import { SILENT_PROGRESS } from "../run/progress.ts";
import { RunDirectory } from "../run/run-directory.ts";
import { runArm } from "./arm-run.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-arm-run-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = [
  "rounds=2",
  "pairsPerRound=16",
  "judge.pairsPerBatch=8",
  "judge.groupSize=3",
  "generator.pairsPerBatch=8",
  "generator.groupSize=3",
  "generator.passes=1",
  "generator.minibatches=1",
  "evaluation.pairs=12",
  "evaluation.everyPhasePairs=6",
  "evaluation.votes=1",
  "output.commitEvery=3",
  "model.threads=1",
];

function load(settings: readonly string[]): ArmRecipe {
  const file = join(folder, "recipe.yaml");
  writeFileSync(file, "method: arm\npreset: sandbox\n");
  return loadRecipe(file, [...SMALL, ...settings], folder).recipe as ArmRecipe;
}

/** Runs until the end, or until the stop is requested for the `stopAt`-th time it is asked. */
async function train(name: string, settings: readonly string[], stopAt = Number.POSITIVE_INFINITY) {
  const recipe = load(settings);
  const run = RunDirectory.start(join(folder, name), { recipe });
  const interruption = stopAfter(stopAt);
  try {
    return await runArm({ recipe, resolve: (path) => path, run, progress: SILENT_PROGRESS, interruption });
  } finally {
    run.close();
  }
}

const metricsOf = (name: string) => readFileSync(join(folder, name, "metrics.jsonl"), "utf8");

describe("runArm", () => {
  it("writes the same metrics when it is interrupted again and again", async () => {
    const whole = await train("whole", []);
    expect(whole.status).toBe("finished");
    for (const stopAfter of [1, 4, 2]) {
      expect((await train("broken", [], stopAfter)).status).toBe("interrupted");
    }
    expect((await train("broken", [])).status).toBe("finished");
    expect(metricsOf("broken")).toBe(metricsOf("whole"));
    const kinds = metricsOf("whole")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds).toEqual([
      ...["judge", "judge", "evaluation", "generator", "generator", "evaluation"],
      ...["judge", "judge", "evaluation", "generator", "generator", "evaluation"],
    ]);
    for (const line of metricsOf("whole").trim().split("\n")) {
      const { samplerTrainerGap } = JSON.parse(line) as { samplerTrainerGap?: number | null };
      if (typeof samplerTrainerGap === "number") expect(samplerTrainerGap).toBeLessThan(1e-3);
    }
  });

  it.each([
    [
      "generator first",
      ["rounds=1", "order=generator-first"],
      ["generator", "generator", "evaluation", "judge"],
    ],
    [
      "simultaneous",
      ["rounds=1", "order=simultaneous"],
      ["judge", "generator", "judge", "generator", "evaluation"],
    ],
    ["judge only", ["trainGenerator=false"], ["judge", "judge", "evaluation", "judge"]],
    ["no cache", ["rounds=1", "cacheRubrics=false"], ["judge", "judge", "evaluation", "generator"]],
    [
      "static rubric",
      ["trainGenerator=false", "staticRubric=1. is clear [principle] 2. is helpful [principle]"],
      ["judge", "judge", "evaluation", "judge"],
    ],
  ])("runs the ablation %s", async (name, settings, kinds) => {
    const outcome = await train(name.replaceAll(" ", "-"), settings);
    expect(outcome.status).toBe("finished");
    const seen = metricsOf(name.replaceAll(" ", "-"))
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(seen.slice(0, kinds.length)).toEqual(kinds);
  });
});
