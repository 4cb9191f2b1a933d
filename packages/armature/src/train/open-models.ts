import type { ModelSource, OpenModels } from "../cli/operations.ts";
import { type ArmModels, openArmModels } from "./arm-models.ts";

/** Opens a generator and a judge for asking: weights that a run saved, or what the recipe starts from. */
export async function openModels(source: ModelSource): Promise<OpenModels> {
  const models = await openTrainedModels(source);
  try {
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

/** The same with the training primitives, for measurements on gradients. Nothing is saved by such a pair. */
export async function openTrainedModels({
  recipe,
  resolve,
  generator,
  judge,
}: ModelSource): Promise<ArmModels> {
  const models = await openArmModels(recipe, resolve, "");
  try {
    for (const [model, folder] of [
      [models.generator, generator],
      [models.judge, judge],
    ] as const) {
      if (folder !== null) await model.loadState(folder, { optimizer: false }).result;
    }
    return models;
  } catch (error) {
    await models.close();
    throw error;
  }
}
