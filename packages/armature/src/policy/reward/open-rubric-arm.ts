import type { RewardOf } from "../../config/reward-recipe.ts";
import { lastUserTurn, type Prompt } from "../../data/prompt.ts";
import { ConfigError, DataError } from "../../errors.ts";
import type { Dialect } from "../../judge/dialect.ts";
import { PREDEFINED_RUBRIC } from "../../judge/predefined-rubric.ts";
import type { OpenReward } from "../../reward/policy-reward.ts";
import { rubricArmReward } from "../../reward/rubric-arm-reward.ts";
import { readRequest } from "../../sandbox/note-request.ts";
import { rubricText, staticCriteria } from "../../sandbox/rubric-language.ts";
import { armRunSource, warmUpSource } from "../../train/arm-source.ts";
import { openModels } from "../../train/open-models.ts";
import type { RewardOpening } from "./open-reward.ts";

/** Value of `reward.rubric` that needs no training: see `genericRubric`. */
const GENERIC = "generic";

/** Opens the models of a Rubric-ARM reward. Throws `ConfigError` or `RunError` for a run that does not fit the policy. */
export async function openRubricArm(
  recipe: RewardOf<"rubric-arm">,
  opening: RewardOpening,
): Promise<OpenReward> {
  if (recipe.run === null && !opening.sandbox)
    throw new ConfigError(
      "reward.run is null, which takes the sandbox's warm-up models; name a run of method arm",
    );
  const source = recipe.run === null ? warmUpSource() : armRunSource(recipe.run, opening.resolve(recipe.run));
  if ((source.recipe.model.kind === "sandbox") !== opening.sandbox)
    throw new ConfigError(
      `reward.run ${recipe.run}: a sandbox run judges sandbox policies only, and others the rest; name a run whose models read the policy's prompts`,
    );
  const model = { ...source.recipe.model, threads: opening.threads };
  const models = await openModels({ ...source, recipe: { ...source.recipe, model } });
  const { rubric } = recipe;
  const judges = recipe.run ?? "warm-up";
  return {
    reward: rubricArmReward({
      id: rubric === null ? `rubric-arm (${judges})` : `direct judge (${judges})`,
      ...{ judge: models.judge, dialect: models.dialect, contextLength: models.contextLength },
      ...{ temperature: recipe.temperature, seed: opening.seed },
      rubrics:
        rubric === null
          ? models.generator
          : rubric === GENERIC
            ? genericRubric(models.dialect, opening.sandbox)
            : () => rubric,
    }),
    close: models.close,
  };
}

/**
 * What can be asked of any response without learning: in the sandbox the request's own rules and two principles that hold for
 * every note, elsewhere the four criteria of RaR-Predefined.
 */
function genericRubric(dialect: Dialect, sandbox: boolean): (prompt: Prompt) => string {
  const criteria = PREDEFINED_RUBRIC.criteria.map(({ text }) => ({ text, kind: "principle" as const }));
  if (!sandbox) return () => dialect.writeRubric({ criteria });
  return (prompt) => {
    const reading = readRequest(lastUserTurn(prompt));
    if (!reading.ok) throw new DataError(`prompt ${prompt.id}: no request of the sandbox: ${reading.fault}`);
    return rubricText(staticCriteria(reading.request));
  };
}
