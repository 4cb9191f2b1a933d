import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadRecipe } from "../../packages/armature/src/config/load-recipe.ts";
import type { GrpoRecipe } from "../../packages/armature/src/config/policy-recipe.ts";
import { openPolicy } from "../../packages/armature/src/policy/open-policy.ts";
import { policyData } from "../../packages/armature/src/policy/policy-data.ts";
import type { PolicyPosition, PolicyTraining } from "../../packages/armature/src/policy/policy-session.ts";
import type { PolicyReward } from "../../packages/armature/src/reward/policy-reward.ts";
import { SILENT_PROGRESS } from "../../packages/armature/src/run/progress.ts";
import { RunDirectory } from "../../packages/armature/src/run/run-directory.ts";

/** GRPO in the sandbox, ready to step, without evaluations and reports. */
export interface OpenTraining {
  readonly training: PolicyTraining<GrpoRecipe>;
  close(): Promise<void>;
}

/** Opens the sandbox's preset with these settings and any reward, as a run `name` of `folder`. */
export async function openTraining(
  folder: string,
  name: string,
  settings: readonly string[],
  reward: PolicyReward,
): Promise<OpenTraining> {
  const file = join(folder, "recipe.yaml");
  writeFileSync(file, "method: grpo\npreset: sandbox\nreward: {kind: sandbox-truth}\n");
  const recipe = loadRecipe(file, settings, folder).recipe as GrpoRecipe;
  const run = RunDirectory.start<PolicyPosition>(join(folder, name), { recipe });
  const { model, writer, close } = await openPolicy(recipe, (path) => path, run.checkpointPath(""));
  const data = await policyData(recipe, (path) => path, writer);
  const base = await model.samplerNow().result;
  const position: PolicyPosition = { steps: 0, snapshot: null, kept: {} };
  return {
    training: { recipe, run, model, writer, base, data, reward, position, progress: SILENT_PROGRESS },
    close: async () => {
      await close();
      run.close();
    },
  };
}
