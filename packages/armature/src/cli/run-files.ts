import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { sourceAt } from "../config/layer.ts";
import type { LoadedRecipe } from "../config/load-recipe.ts";
import { pathValues } from "../config/path-keys.ts";
import { ConfigError } from "../errors.ts";
import { fingerprintFile } from "../run/run-identity.ts";

/** `recipes/quickstart/recipe.yaml` is called quickstart, `recipes/mine.yaml` mine. */
export function defaultRunName(recipeFile: string): string {
  const name = basename(recipeFile).replace(/\.(ya?ml|json)$/, "");
  return name === "recipe" ? basename(dirname(resolve(recipeFile))) : name;
}

/**
 * Files and folders that a recipe names, by key.
 * @throws ConfigError naming the line of the recipe where one does not exist.
 */
export function namedFiles(loaded: LoadedRecipe): ReadonlyMap<string, readonly string[]> {
  const named = new Map<string, readonly string[]>();
  for (const { key, value } of pathValues(loaded.recipe)) {
    const paths = (Array.isArray(value) ? value : [value]).filter((path) => typeof path === "string");
    for (const path of paths) {
      if (existsSync(loaded.resolve(path))) continue;
      const source = sourceAt(loaded.values, key.split(".")) ?? loaded.file;
      throw new ConfigError(
        `${source}: ${key} names ${path}, which does not exist (looked at ${loaded.resolve(path)}); mend the path`,
      );
    }
    if (paths.length > 0)
      named.set(
        key,
        paths.map((path) => loaded.resolve(path)),
      );
  }
  return named;
}

/**
 * Content hashes of the data files, so that a run is not resumed on other data; of a run that is named, the state that it
 * committed last. Model files are left out for their size.
 */
export async function dataFingerprints(
  named: ReadonlyMap<string, readonly string[]>,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const [key, files] of named) {
    if (key.startsWith("model.")) continue;
    for (const [i, file] of files.entries()) {
      const content = statSync(file).isDirectory() ? join(file, "state.json") : file;
      if (existsSync(content)) hashes[`${key}.${i}`] = await fingerprintFile(content);
    }
  }
  return hashes;
}

/** The run's folder below `--runs`. @throws ConfigError for a name that leaves it. */
export function runFolder(runs: string, name: string): string {
  if (!/^[\w][\w.-]*$/.test(name)) {
    throw new ConfigError(`--name ${name}: use letters, digits, "-", "_" and "." only`);
  }
  return join(runs, name);
}
