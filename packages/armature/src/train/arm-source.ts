import { dirname, join, resolve } from "node:path";
import type { ModelSource } from "../cli/operations.ts";
import { PRESETS } from "../config/presets.ts";
import { armRecipe } from "../config/recipe-schema.ts";
import { RunError } from "../errors.ts";
import { readRun } from "../run/run-directory.ts";

/**
 * The generator and judge that a run of method `arm` saved last. `name` is how messages call the run. Throws `RunError` where
 * there is no such run, it was made by another method, or nothing was saved yet.
 */
export function armRunSource(name: string, path: string): ModelSource {
  const { config, state } = readRun(path, name);
  const recipe = armRecipe.safeParse(config.recipe);
  if (!recipe.success) {
    throw new RunError(
      `${name}: made by another method or version of Armature; train it again to judge with it`,
    );
  }
  if (state === null)
    throw new RunError(`${name}: nothing was saved yet; let the run reach its first commit`);
  const folder = dirname(resolve(path, config.recipeFile ?? "."));
  const saved = (role: string): string | null => {
    const checkpoint = state.checkpoints[role];
    return checkpoint === undefined ? null : join(path, "checkpoints", checkpoint);
  };
  return {
    recipe: recipe.data,
    resolve: (file) => resolve(folder, file),
    generator: saved("generator"),
    judge: saved("judge"),
  };
}

/** The sandbox's warm-up generator and judge, before any training. */
export function warmUpSource(): ModelSource {
  const recipe = armRecipe.parse({ method: "arm", preset: "sandbox", ...PRESETS.arm["sandbox"] });
  return { recipe, resolve: (file) => file, generator: null, judge: null };
}
