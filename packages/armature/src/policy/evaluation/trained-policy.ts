import { dirname, join, resolve } from "node:path";
import type { PolicyRecipe } from "../../config/policy-recipe.ts";
import { RECIPE_SCHEMAS } from "../../config/recipe-schema.ts";
import { contentId } from "../../data/content-id.ts";
import { RunError } from "../../errors.ts";
import { readRun } from "../../run/run-directory.ts";
import { type OpenPolicy, openPolicy } from "../open-policy.ts";

/** A run that trained a policy, as far as opening it takes. */
export interface PolicyRun {
  /** Equal ids are the same weights. */
  readonly id: string;
  readonly name: string;
  readonly recipe: PolicyRecipe;
  /** Absolute path of a file that the recipe names. */
  resolve(path: string): string;
  /** Absolute folder of the weights that the run saved last. */
  readonly weights: string;
}

/** Reads the run at a path. Throws `RunError` where there is none, it trained no policy, or nothing was saved yet. */
export function readPolicyRun(name: string, path: string): PolicyRun {
  const { config, state } = readRun(path, name);
  const { method } = config.recipe as { method?: keyof typeof RECIPE_SCHEMAS };
  const checked = method && RECIPE_SCHEMAS[method]?.safeParse(config.recipe);
  const recipe = checked?.data;
  if (recipe === undefined || !("reward" in recipe))
    throw new RunError(
      `${name}: trains no policy, or was made by another version of Armature; give a run of grpo, dpo or best-of-n`,
    );
  const saved = state?.checkpoints["policy"];
  if (saved === undefined)
    throw new RunError(`${name}: nothing was saved yet; let the run reach its first commit`);
  const folder = dirname(resolve(path, config.recipeFile ?? "."));
  return {
    id: contentId([config.recipe, config.createdAt, saved]),
    name,
    recipe,
    resolve: (file) => resolve(folder, file),
    weights: join(path, "checkpoints", saved),
  };
}

/** Opens the policy that a run trained. Throws as `openPolicy`. */
export async function openTrainedPolicy({ recipe, resolve, weights }: PolicyRun): Promise<OpenPolicy> {
  const policy = await openPolicy(recipe, resolve, "");
  try {
    await policy.model.loadState(weights, { optimizer: false }).result;
    return policy;
  } catch (error) {
    await policy.close();
    throw error;
  }
}
