import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { TrainingMethod } from "../../packages/armature/src/cli/operations.ts";
import { dataFingerprints, namedFiles } from "../../packages/armature/src/cli/run-files.ts";
import { OPERATIONS } from "../../packages/armature/src/cli/wiring.ts";
import { loadRecipe } from "../../packages/armature/src/config/load-recipe.ts";
import type { Recipe } from "../../packages/armature/src/config/recipe-schema.ts";
import { Interruption } from "../../packages/armature/src/run/interruption.ts";
import { progressOn } from "../../packages/armature/src/run/progress.ts";
import { writeReport } from "../../packages/armature/src/run/report.ts";
import { RunDirectory } from "../../packages/armature/src/run/run-directory.ts";

/**
 * What `armature train <file> --set …` does, in this process and into a folder of any name: a finished run is kept, one that
 * was stopped goes on. Progress goes to stderr. Throws where it is interrupted, and `RunError` where the folder holds a run of
 * another recipe.
 */
export async function trainInProcess(
  file: string,
  settings: readonly string[],
  folder: string,
): Promise<void> {
  process.stderr.write(`${folder}\n`);
  const { recipe, resolve, ...loaded } = loadRecipe(file, settings, process.cwd());
  const inputs = await dataFingerprints(namedFiles({ recipe, resolve, ...loaded }));
  const run = RunDirectory.start(folder, { recipe, inputs }, { recipeFile: relative(folder, file) });
  const progress = progressOn(process.stderr);
  const interruption = new Interruption((line) => progress.say(line));
  try {
    if (existsSync(join(folder, "report.json"))) return;
    const method = (await OPERATIONS.train[recipe.method]()) as TrainingMethod<Recipe>;
    const outcome = await method({ recipe, resolve, run, progress, interruption });
    if (outcome.status !== "finished") throw new Error("interrupted; the same command goes on from here");
    writeReport(folder, outcome.report);
  } finally {
    progress.end();
    interruption.dispose();
    run.close();
  }
}
