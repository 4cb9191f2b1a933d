import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { armature, inScratchFolder } from "../../../test/cli/command-line.ts";
import { loadRecipe } from "../../config/load-recipe.ts";
import type { GrpoRecipe } from "../../config/policy-recipe.ts";
import { runGrpo } from "../../policy/grpo/grpo-run.ts";
import type { Interruption } from "../../run/interruption.ts";
import { SILENT_PROGRESS } from "../../run/progress.ts";
import { RunDirectory } from "../../run/run-directory.ts";

// Trains a run and opens models, which takes long on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const scratch = inScratchFolder();
const SMALL = ["steps=2", "promptsPerBatch=4", "groupSize=3", "evaluation.prompts=2", "evaluation.every=0"];

async function train(name: string, ...settings: string[]): Promise<void> {
  const file = join(scratch.path, "recipe.yaml");
  writeFileSync(file, "method: grpo\npreset: sandbox\nreward: {kind: sandbox-truth}\n");
  const loaded = loadRecipe(file, [...SMALL, ...settings], scratch.path);
  const recipe = loaded.recipe as GrpoRecipe;
  const run = RunDirectory.start(join(scratch.path, name), { recipe });
  const interruption = { stopRequested: false } as Interruption;
  await runGrpo({ recipe, resolve: loaded.resolve, run, progress: SILENT_PROGRESS, interruption });
  run.close();
}

const compare = (...args: string[]) =>
  armature(scratch.path, ["policy", "compare", ...args, "--prompts", "10", "--samples", "2"]);

describe("armature policy compare", () => {
  it("measures runs beside their start, seeds of one recipe together", async () => {
    await train("a", "seed=0");
    await train("b", "seed=1");
    const { code, stdout } = await compare("a", "both=a,b", "--json");
    expect(code).toBe(0);
    const { policies, duels } = JSON.parse(stdout);
    expect(policies.map(({ name, seeds }: { name: string; seeds: number }) => [name, seeds])).toEqual([
      ["base", 1],
      ["a", 1],
      ["both", 2],
    ]);
    expect(policies[0].klToBase.value).toBeCloseTo(0, 5);
    expect(policies[1].klToBase.value).not.toBeCloseTo(0, 3);
    expect(duels.map(({ first, second }: { first: string; second: string }) => `${first} ${second}`)).toEqual(
      ["base a", "base both", "a both"],
    );
    // The first seed of `both` is `a` itself, sample by sample.
    expect(duels[2].bySeed[0]).toBe(0.5);
    const { code: again } = await compare("a", "--out", "page");
    expect(again).toBe(0);
    expect(readFileSync(join(scratch.path, "page", "report.html"), "utf8")).toContain("Policies compared");
  });

  it("refuses what is no run of a policy", async () => {
    RunDirectory.start(join(scratch.path, "other"), { recipe: { method: "sft" } as never }).close();
    for (const [policy, message] of [
      ["nowhere", "nowhere: no run here; check the path"],
      ["other", "other: trains no policy, or was made by another version of Armature"],
    ] as const) {
      const { code, stderr } = await compare(policy);
      expect(code).not.toBe(0);
      expect(stderr).toContain(message);
    }
  });
});
