import { z } from "zod";
import { plainValue } from "../config/layer.ts";
import { readRecipeFile } from "../config/read-recipe-file.ts";
import { recipeFaults } from "../config/recipe-fault.ts";
import { ConfigError } from "../errors.ts";

const source = z.strictObject({
  /** What `--model` takes. */
  model: z.string().min(1),
  name: z.string().min(1).optional(),
  count: z.int().min(1).default(1),
  temperature: z.number().min(0).default(1),
  topP: z.number().gt(0).max(1).optional(),
  maxTokens: z.int().min(1).default(1024),
  system: z.string().optional(),
});

const recipe = z.strictObject({
  seed: z.int().min(0).default(0),
  nearness: z.number().gt(0).max(1).default(1),
  models: z.array(source).min(1),
});

/** Models to sample from, as `--recipe` of `armature responses sample` says it. */
export type SamplingRecipe = z.infer<typeof recipe>;

/** @throws ConfigError naming file and line where the recipe cannot be used. */
export function readSamplingRecipe(path: string, file = path): SamplingRecipe {
  const values = readRecipeFile(path, file, "models:");
  const value = plainValue(values);
  const checked = recipe.safeParse(value);
  if (checked.success) return checked.data;
  const [first] = recipeFaults(checked.error, recipe, values, value);
  throw new ConfigError(`${first!.source ?? file}: ${first!.fault}`);
}
