import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readRun } from "../../packages/armature/src/run/run-directory.ts";
import { policyPrompts } from "../../packages/armature/src/sandbox/policy-prompts.ts";
import { type Arm, type ArmRuns, runArms } from "../../perf/sandbox/policy-arms.ts";
import { trainedRun } from "../trained-run.ts";
import { type RefinedRubrics, refinedRubrics } from "./refine.ts";

/** What was trained, ready to be measured. */
export interface TailExperiment {
  /** Policies by reward, seeds in order. */
  readonly policies: ArmRuns;
  readonly rubrics: readonly RefinedRubrics[];
  /** Folder of the scalar reward model's run. */
  readonly bradleyTerry: string;
  /** Checkpoint of the strong policy. */
  readonly great: string;
}

const RECIPES = fileURLToPath(new URL(".", import.meta.url));

/** Name of the arm whose reward is no rubric. */
export const BRADLEY_TERRY = "Bradley-Terry";

/**
 * Makes rubrics and the scalar model once (seed 0), then trains a policy with each reward and each seed. Everything lies below
 * `folder`; what is finished there is kept.
 */
export async function tailExperiment(folder: string, seeds: readonly number[]): Promise<TailExperiment> {
  const runs = resolve(folder);
  const recipe = (name: string) => join(RECIPES, `${name}.yaml`);
  const great = checkpointOf(trainedRun(runs, { name: "great", recipe: recipe("great"), settings: [] }));
  const { train, heldOut } = policyPrompts();
  const rubrics = await refinedRubrics(join(runs, "rubrics"), [...train, ...heldOut], great);
  const bradleyTerry = trainedRun(runs, {
    name: "bradley-terry",
    recipe: recipe("bradley-terry"),
    settings: [],
  });
  const arms: Arm[] = [
    ...rubrics.map(({ condition, file }) => ({
      name: condition,
      settings: [
        ...["reward.kind=sandbox-rubric", "reward.rubrics=file", `reward.rubricFile=${file}`],
        ...["reward.reader=keywords", "reward.scoring=chasing-the-tail"],
      ],
    })),
    { name: BRADLEY_TERRY, settings: ["reward.kind=bradley-terry", `reward.run=${bradleyTerry}`] },
  ];
  const policies = runArms({ recipe: recipe("policy"), arms, seeds, runs });
  return { policies, rubrics, bradleyTerry, great };
}

function checkpointOf(run: string): string {
  const { state } = readRun(run);
  if (state === null) throw new Error(`${run}: nothing was saved`);
  return join(run, "checkpoints", state.checkpoints["policy"]!);
}
