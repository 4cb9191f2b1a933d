import { readRubricMap } from "../cli/judging/rubric-map.ts";
import type { SandboxRubricRecipe } from "../config/policy-recipe.ts";
import { ConfigError, DataError } from "../errors.ts";
import type { OpenReward } from "../reward/policy-reward.ts";
import {
  needsNoRubric,
  type SandboxRubricSettings,
  sandboxRubricReward,
} from "../reward/sandbox-rubric-reward.ts";
import type { Criterion, Rubric } from "../rubric/rubric.ts";
import { programReader } from "../sandbox/note-reader.ts";
import { categorisedRubric, ruledCriteria } from "../sandbox/request-rubrics.ts";
import type { RewardOpening } from "./open-reward.ts";

/** Opens the pointwise rubric reward of the sandbox that a recipe names. Throws `ConfigError` for settings that do not go together. */
export async function openSandboxRubric(
  recipe: SandboxRubricRecipe,
  opening: RewardOpening,
): Promise<OpenReward> {
  const { rubrics, scoring, labels, categories, verdictNoise } = recipe;
  if (recipe.reader === "nano-judge") throw new ConfigError("reward.reader nano-judge is not there yet");
  const { seed } = opening;
  if (rubrics === "file" && recipe.rubricFile === null && !needsNoRubric(scoring))
    throw new ConfigError("reward.rubricFile is null; name the file of rubrics that reward.rubrics: file reads");
  const write = await rubricWriter(recipe, opening, seed);
  const known = new Map<string, Rubric | null>();
  const reward = sandboxRubricReward({
    source: [
      rubrics,
      ...(labels ? [] : ["no labels"]),
      ...(categories.length === 4 ? [] : [categories.join("+")]),
    ].join(", "),
    rubricsOf: async (prompts) => {
      const missing = prompts.filter(({ id }) => !known.has(id));
      for (const [id, rubric] of await write(missing)) known.set(id, rubric && chosen(rubric, recipe));
      return known;
    },
    reader: programReader({ noise: verdictNoise, seed }),
    scoring,
    seed,
  });
  return { reward, close: async () => undefined };
}

type RubricsOf = SandboxRubricSettings["rubricsOf"];

async function rubricWriter(
  { rubrics, rubricFile: file }: SandboxRubricRecipe,
  { resolve }: RewardOpening,
  seed: number,
): Promise<RubricsOf> {
  switch (rubrics) {
    case "file": {
      if (file === null) return async () => new Map();
      const map = await readRubricMap(resolve(file));
      return async (prompts) =>
        new Map(
          prompts.map((prompt) => {
            const item = map.get(prompt);
            if (item === undefined)
              throw new DataError(`${file}: prompt ${prompt.id} has no rubric; add one for each prompt`);
            return [prompt.id, item.rubric];
          }),
        );
    }
    case "generator":
      throw new ConfigError("reward.rubrics generator is not there yet");
    default:
      return async (prompts) =>
        new Map(
          prompts.map((prompt) => [
            prompt.id,
            categorisedRubric(ruledCriteria(rubrics, prompt, seed), { pitfall: true }),
          ]),
        );
  }
}

/** The rubric's criteria of the chosen categories, those without category included; without labels all count alike. */
function chosen(rubric: Rubric, { categories, labels }: SandboxRubricRecipe): Rubric | null {
  const criteria = rubric.criteria.filter(({ category }) => !category || categories.includes(category));
  if (criteria.length === 0) return null;
  return { ...rubric, criteria: labels ? criteria : criteria.map(unlabelled) };
}

function unlabelled(criterion: Criterion): Criterion {
  return { ...criterion, weight: 1, category: "important" };
}
