import { resolve } from "node:path";
import type { Command } from "commander";
import { loadRecipe } from "../config/load-recipe.ts";
import { ConfigError } from "../errors.ts";
import { armRunSource } from "../train/arm-source.ts";
import type { ModelSource } from "./operations.ts";
import { namedFiles } from "./run-files.ts";

export interface ModelOptions {
  readonly run?: string;
  readonly recipe?: string;
}

export function withModelOptions(command: Command): Command {
  return command
    .option("--run <folder>", "use the models that a run trained, for instance runs/quickstart")
    .option("--recipe <file>", "use the models that a recipe starts from");
}

/** @throws ConfigError or RunError where there is no such run or recipe, or it trains no generator and judge. */
export function modelSource({ run, recipe }: ModelOptions, cwd: string): ModelSource {
  if ((run === undefined) === (recipe === undefined)) {
    throw new ConfigError("which models? give either --run <folder> or --recipe <file>");
  }
  return run === undefined ? fromRecipe(recipe!, cwd) : armRunSource(run, resolve(cwd, run));
}

function fromRecipe(file: string, cwd: string): ModelSource {
  const loaded = loadRecipe(file, [], cwd);
  if (loaded.recipe.method !== "arm") {
    throw new ConfigError(
      `${file}: method ${loaded.recipe.method} has no generator and judge; name an arm recipe`,
    );
  }
  namedFiles(loaded);
  return { recipe: loaded.recipe, resolve: loaded.resolve, generator: null, judge: null };
}
