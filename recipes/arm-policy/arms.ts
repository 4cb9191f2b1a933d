import { join } from "node:path";

/** A reward model that has to be trained first, by seed. */
export interface RewardModelWanted {
  readonly name: (seed: number) => string;
  readonly recipe: string;
}

/** A reward that policies are trained with: the recipe's section of the part that judges. */
export interface ArmReward {
  readonly name: string;
  readonly section: (seed: number, runs: string) => Readonly<Record<string, unknown>>;
  readonly model?: RewardModelWanted;
}

const here = import.meta.dirname;
const arm: RewardModelWanted = {
  name: (seed) => `arm-${seed}`,
  recipe: join(here, "../quickstart/recipe.yaml"),
};
const bradleyTerry: RewardModelWanted = {
  name: (seed) => `bradley-terry-${seed}`,
  recipe: join(here, "bradley-terry.yaml"),
};

export const REWARDS: readonly ArmReward[] = [
  {
    name: "rubric-arm",
    model: arm,
    section: (seed, runs) => ({ kind: "rubric-arm", run: join(runs, arm.name(seed)) }),
  },
  { name: "warm-up judge", section: () => ({ kind: "rubric-arm" }) },
  { name: "direct judge", section: () => ({ kind: "rubric-arm", rubric: "generic" }) },
  {
    name: "bradley-terry",
    model: bradleyTerry,
    section: (seed, runs) => ({ kind: "bradley-terry", run: join(runs, bradleyTerry.name(seed)) }),
  },
];

/** Methods that a reward is needed for, by their recipe files. */
export const METHODS = ["dpo", "iterative", "grpo"] as const;
export type Method = (typeof METHODS)[number];

export const recipeOf = (method: Method | "sft"): string => join(here, `${method}.yaml`);

/** `grpo-warm-up-judge-1`. */
export const runName = (method: string, reward: string | null, seed: number): string =>
  [method, ...(reward === null ? [] : [reward.replace(/ /g, "-")]), seed].join("-");
