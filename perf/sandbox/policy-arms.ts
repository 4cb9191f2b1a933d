import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { dataFingerprints, namedFiles } from "../../packages/armature/src/cli/run-files.ts";
import { loadRecipe } from "../../packages/armature/src/config/load-recipe.ts";
import type { GrpoRecipe } from "../../packages/armature/src/config/policy-recipe.ts";
import { runGrpo } from "../../packages/armature/src/policy/grpo-run.ts";
import { Interruption } from "../../packages/armature/src/run/interruption.ts";
import { progressOn } from "../../packages/armature/src/run/progress.ts";
import { writeReport } from "../../packages/armature/src/run/report.ts";
import { RunDirectory } from "../../packages/armature/src/run/run-directory.ts";

/** One way of training among those that an experiment compares. */
export interface Arm {
  readonly name: string;
  /** What it changes in the recipe, as `--set` takes it. */
  readonly settings: readonly string[];
}

export interface ArmsExperiment {
  /** A recipe of method grpo; absolute path. */
  readonly recipe: string;
  readonly arms: readonly Arm[];
  readonly seeds: readonly number[];
  /** Folder of the runs. Those that finished are kept, one that was stopped goes on. */
  readonly runs: string;
}

/** Folders of the finished runs by arm, seeds in order. */
export type ArmRuns = ReadonlyMap<string, readonly string[]>;

/** Trains every arm with every seed, seed by seed, as `armature train` would; progress goes to stderr. Throws when interrupted. */
export async function runArms({ recipe, arms, seeds, runs }: ArmsExperiment): Promise<ArmRuns> {
  const folders = new Map(arms.map(({ name }) => [name, [] as string[]]));
  for (const seed of seeds)
    for (const { name, settings } of arms) {
      const folder = join(runs, `${name.replaceAll(" ", "-")}-${seed}`);
      process.stderr.write(`${folder}\n`);
      await trainArm(recipe, [...settings, `seed=${seed}`], folder);
      folders.get(name)!.push(folder);
    }
  return folders;
}

async function trainArm(file: string, settings: readonly string[], folder: string): Promise<void> {
  const loaded = loadRecipe(file, settings, process.cwd());
  const identity = { recipe: loaded.recipe, inputs: await dataFingerprints(namedFiles(loaded)) };
  const run = RunDirectory.start(folder, identity, { recipeFile: relative(folder, file) });
  const progress = progressOn(process.stderr);
  const interruption = new Interruption((line) => progress.say(line));
  try {
    if (existsSync(join(folder, "report.json"))) return;
    const recipe = loaded.recipe as GrpoRecipe;
    const outcome = await runGrpo({ recipe, resolve: loaded.resolve, run, progress, interruption });
    if (outcome.status !== "finished") throw new Error("interrupted; the same command goes on from here");
    writeReport(folder, outcome.report);
  } finally {
    progress.end();
    interruption.dispose();
    run.close();
  }
}
