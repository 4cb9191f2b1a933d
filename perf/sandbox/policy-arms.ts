import { trainedRun } from "../../recipes/trained-run.ts";

/** One way of training among those that an experiment compares. */
export interface Arm {
  readonly name: string;
  /** What it changes in the recipe, as `--set` takes it. */
  readonly settings: readonly string[];
}

export interface ArmsExperiment {
  /** A recipe that trains a policy; absolute path. */
  readonly recipe: string;
  readonly arms: readonly Arm[];
  readonly seeds: readonly number[];
  /** Folder of the runs. Those that finished are kept, one that was stopped goes on. */
  readonly runs: string;
}

/** Folders of the finished runs by arm, seeds in order. */
export type ArmRuns = ReadonlyMap<string, readonly string[]>;

/** Trains every arm with every seed, seed by seed, so that an experiment that is cut short has whole seeds. */
export function runArms({ recipe, arms, seeds, runs }: ArmsExperiment): ArmRuns {
  const folders = new Map(arms.map(({ name }) => [name, [] as string[]]));
  for (const seed of seeds)
    for (const { name, settings } of arms) {
      const run = { name: `${name.replaceAll(/[^\w-]+/g, "-")}-${seed}`, recipe };
      folders.get(name)!.push(trainedRun(runs, { ...run, settings: [...settings, `seed=${seed}`] }));
    }
  return folders;
}
