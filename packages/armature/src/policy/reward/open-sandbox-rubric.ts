import { readRubricMap } from "../../cli/judging/rubric-map.ts";
import type { OpenModels } from "../../cli/operations.ts";
import type { RewardOf } from "../../config/reward-recipe.ts";
import type { Prompt } from "../../data/prompt.ts";
import { ConfigError, DataError } from "../../errors.ts";
import { greedyRubrics } from "../../judge/greedy-rubrics.ts";
import type { OpenReward } from "../../reward/policy-reward.ts";
import { needsNoRubric, sandboxRubricReward } from "../../reward/sandbox-rubric-reward.ts";
import type { Criterion, Rubric } from "../../rubric/rubric.ts";
import { nanoReader } from "../../sandbox/nano-reader.ts";
import { programReader } from "../../sandbox/note-reader.ts";
import { categorisedRubric, ruledCriteria } from "../../sandbox/request-rubrics.ts";
import { readLines } from "../../sandbox/rubric-language.ts";
import { armRunSource, warmUpSource } from "../../train/arm-source.ts";
import { openModels } from "../../train/open-models.ts";
import type { RewardOpening } from "./open-reward.ts";

type SandboxRubricRecipe = RewardOf<"sandbox-rubric">;

/** Opens a pointwise rubric reward of the sandbox. Throws `ConfigError` for settings that do not go together, and `RunError` for the run. */
export async function openSandboxRubric(
  recipe: SandboxRubricRecipe,
  opening: RewardOpening,
): Promise<OpenReward> {
  checkSandboxRubric(recipe, opening);
  const { rubrics, reader, scoring, verdictNoise } = recipe;
  const { seed } = opening;
  const asksModels = (rubrics === "generator" && !needsNoRubric(scoring)) || reader === "nano-judge";
  const models = asksModels ? await openRunModels(recipe, opening) : null;
  try {
    const write = await rubricWriter(recipe, opening, models);
    const known = new Map<string, Rubric | null>();
    return {
      reward: sandboxRubricReward({
        source: sourceName(recipe),
        rubricsOf: async (prompts) => {
          const missing = prompts.filter(({ id }) => !known.has(id));
          const written = missing.length === 0 ? new Map<string, Rubric | null>() : await write(missing);
          for (const [id, rubric] of written) known.set(id, rubric && chosen(rubric, recipe));
          return known;
        },
        reader:
          reader === "nano-judge"
            ? nanoReader(models!.judge, recipe.run ?? "warm-up")
            : programReader({ keywords: reader === "keywords", noise: verdictNoise, seed }),
        scoring,
        seed,
      }),
      close: async () => models?.close(),
    };
  } catch (error) {
    await models?.close();
    throw error;
  }
}

function checkSandboxRubric(
  { rubrics, rubricFile, scoring, reader, verdictNoise }: SandboxRubricRecipe,
  { sandbox }: RewardOpening,
): void {
  if (!sandbox)
    throw new ConfigError(
      "reward.kind sandbox-rubric reads notes of the sandbox only; choose program-rubric or rubric-arm",
    );
  if (rubrics === "file" && rubricFile === null && !needsNoRubric(scoring))
    throw new ConfigError("reward.rubricFile is null; name the file that reward.rubrics: file reads");
  if (reader === "nano-judge" && needsNoRubric(scoring))
    throw new ConfigError(
      `reward.scoring ${scoring} looks at more than the nano judge's lines; set reward.reader to program`,
    );
  if (reader === "nano-judge" && verdictNoise > 0)
    throw new ConfigError("reward.verdictNoise is the program's; set it to 0 for the nano judge");
}

function openRunModels(
  { run }: SandboxRubricRecipe,
  { resolve, threads }: RewardOpening,
): Promise<OpenModels> {
  const source = run === null ? warmUpSource() : armRunSource(run, resolve(run));
  if (source.recipe.model.kind !== "sandbox")
    throw new ConfigError(`reward.run ${run}: no run of the sandbox's models; name one that is`);
  const model = { ...source.recipe.model, threads };
  return openModels({ ...source, recipe: { ...source.recipe, model } });
}

function sourceName({ rubrics, labels, categories }: SandboxRubricRecipe): string {
  const all = categories.length === 4;
  return [rubrics, ...(labels ? [] : ["no labels"]), ...(all ? [] : [categories.join("+")])].join(", ");
}

type RubricsOf = (prompts: readonly Prompt[]) => Promise<ReadonlyMap<string, Rubric | null>>;

async function rubricWriter(
  { rubrics, rubricFile }: SandboxRubricRecipe,
  { resolve, seed }: RewardOpening,
  models: OpenModels | null,
): Promise<RubricsOf> {
  const each = (rubricOf: (prompt: Prompt) => Rubric | null): RubricsOf => {
    return async (prompts) => new Map(prompts.map((prompt) => [prompt.id, rubricOf(prompt)]));
  };
  switch (rubrics) {
    case "file": {
      if (rubricFile === null) return each(() => null);
      const map = await readRubricMap(resolve(rubricFile));
      return each((prompt) => {
        const item = map.get(prompt);
        if (item !== undefined) return item.rubric;
        throw new DataError(`${rubricFile}: prompt ${prompt.id} has no rubric; add one for each prompt`);
      });
    }
    case "generator":
      return async (prompts) => {
        const texts = models === null ? [] : await greedyRubrics(models.generator, models.dialect, prompts);
        return new Map([...texts].map(([id, text]) => [id, writtenRubric(text)]));
      };
    default:
      return each((prompt) =>
        categorisedRubric(ruledCriteria(rubrics, prompt, seed), { pitfall: rubrics !== "generic" }),
      );
  }
}

/** A generated text as a rubric, repeated lines once; null where it has no form. */
function writtenRubric(text: string): Rubric | null {
  const lines = readLines(text);
  return lines.ok ? categorisedRubric([...new Set(lines.names)], { pitfall: false }) : null;
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
