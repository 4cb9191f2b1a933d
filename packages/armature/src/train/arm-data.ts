import type { ArmRecipe } from "../config/recipe-schema.ts";
import { ConfigError } from "../errors.ts";
import type { Dialect } from "../judge/dialect.ts";
import { fitPairs, judgePromptLength, judgePromptLimit } from "./fit-pairs.ts";
import { pairsFromFiles } from "./pair-files.ts";
import type { RunPairs } from "./run-pairs.ts";
import { sandboxPairs } from "./sandbox-pairs.ts";

/** Makes or reads the pairs of a recipe. Throws `DataError` for unusable files and `ConfigError` for too few pairs. */
export async function armData(
  recipe: ArmRecipe,
  resolve: (path: string) => string,
  dialect: Dialect,
): Promise<RunPairs> {
  const needed = recipe.rounds * recipe.pairsPerRound;
  const { pairs: heldOutCount, everyPhasePairs: watchingCount } = recipe.evaluation;
  if (recipe.data.kind === "sandbox") {
    const { labelNoise } = recipe.data;
    return sandboxPairs(recipe.seed, {
      training: needed,
      labelNoise,
      watching: watchingCount,
      heldOut: heldOutCount,
    });
  }
  const { data } = recipe;
  const limit = judgePromptLimit(data.maxPromptTokens, data.overlong);
  const lengthOf = judgePromptLength(dialect);
  const read = await pairsFromFiles(data, recipe.seed, resolve, (pairs) => fitPairs(pairs, limit, lengthOf));
  const train = read.train.slice(0, needed);
  if (train.length < needed) {
    throw new ConfigError(
      `${data.train.join(", ")}: ${read.train.length} usable pairs, ${recipe.rounds} rounds of ${recipe.pairsPerRound} need ${needed}; lower rounds or pairsPerRound, or raise data.maxPromptTokens`,
    );
  }
  return {
    train,
    watching: read.train.slice(needed, needed + watchingCount),
    heldOut: read.heldOut.slice(0, heldOutCount),
    notes: read.notes,
  };
}
