import type { ModelSource, OpenModels } from "../cli/operations.ts";
import { openArmModels } from "./arm-models.ts";

/** Opens a generator and a judge for asking: weights that a run saved, or what the recipe starts from. */
export async function openModels({ recipe, resolve, generator, judge }: ModelSource): Promise<OpenModels> {
  // Nothing is saved by a pair that is only asked.
  const models = await openArmModels(recipe, resolve, "");
  try {
    for (const [model, folder] of [
      [models.generator, generator],
      [models.judge, judge],
    ] as const) {
      if (folder !== null) await model.loadState(folder, { optimizer: false }).result;
    }
    return {
      generator: await models.generator.samplerNow().result,
      judge: await models.judge.samplerNow().result,
      dialect: models.dialect,
      contextLength: models.judge.capabilities.maxContextLength,
      close: models.close,
    };
  } catch (error) {
    await models.close();
    throw error;
  }
}
