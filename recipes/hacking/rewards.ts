import { join, resolve } from "node:path";
import { chosen } from "../chosen.ts";
import { type RunWanted, trainedRun } from "../trained-run.ts";

/** A reward that tricks are tried on. */
export interface TriedReward {
  readonly name: string;
  /** The recipe's `reward` section. `model` is the folder of a reward model that was trained with the seed at hand. */
  readonly section: (model: (kind: ModelKind) => string) => Readonly<Record<string, unknown>>;
}

/** Reward models that are trained before they reward. */
type ModelKind = "arm" | "bradley-terry";

const MODEL_RECIPES: Readonly<Record<ModelKind, string>> = {
  arm: join(import.meta.dirname, "../quickstart/recipe.yaml"),
  "bradley-terry": join(import.meta.dirname, "bradley-terry.yaml"),
};

const byNanoJudge = {
  kind: "sandbox-rubric",
  rubrics: "generator",
  reader: "nano-judge",
  scoring: "chasing-the-tail",
};
const byProgram = (file: string) => ({ kind: "program-rubric", rubricFile: join(import.meta.dirname, file) });

/** Every kind of reward that can judge the sandbox's notes, without training and trained where it has any. */
const REWARDS: readonly TriedReward[] = [
  { name: "truth", section: () => ({ kind: "sandbox-truth" }) },
  { name: "program", section: () => byProgram("rules.yaml") },
  { name: "rubric by program", section: () => ({ kind: "sandbox-rubric", rubrics: "teacher" }) },
  { name: "likert by script", section: () => ({ kind: "sandbox-rubric", scoring: "likert" }) },
  { name: "bradley-terry", section: (model) => ({ kind: "bradley-terry", run: model("bradley-terry") }) },
  { name: "rubric-arm, warm-up", section: () => ({ kind: "rubric-arm", run: null }) },
  { name: "rubric-arm", section: (model) => ({ kind: "rubric-arm", run: model("arm") }) },
  {
    name: "rubric-arm behind a gate",
    section: (model) => ({
      kind: "combined",
      closedValue: -0.5,
      parts: {
        judge: { weight: 1, gate: null, reward: { kind: "rubric-arm", run: model("arm") } },
        note: { weight: 0, gate: 1, reward: byProgram("../arm-policy/note.yaml") },
      },
    }),
  },
  { name: "rubric by nano judge", section: (model) => ({ ...byNanoJudge, run: model("arm") }) },
  { name: "rubric by nano judge, warm-up", section: () => byNanoJudge },
  {
    name: "direct judge",
    section: (model) => ({ kind: "rubric-arm", run: model("arm"), rubric: "generic" }),
  },
  { name: "direct judge, warm-up", section: () => ({ kind: "rubric-arm", run: null, rubric: "generic" }) },
];

/** The rewards of these names, separated by semicolons; all where none is named. */
export const chosenRewards = (names: string | undefined): readonly TriedReward[] =>
  chosen(REWARDS, "--rewards", names);

/** The `--set` that gives a recipe this reward. A reward model that it needs is trained below `models` if it is not there. */
export function rewardSetting({ section }: TriedReward, seed: number, models: string): string {
  const model = (kind: ModelKind): string => {
    const wanted: RunWanted = {
      name: `${kind}-${seed}`,
      recipe: MODEL_RECIPES[kind],
      settings: [`seed=${seed}`],
    };
    return resolve(trainedRun(models, wanted));
  };
  return `reward=${JSON.stringify(section(model))}`;
}
