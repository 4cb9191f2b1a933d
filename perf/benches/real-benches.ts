import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";

/** Suites of which the data lie beside the repository. */
export const SUITES = [
  ...["llmbar", "evalbiasbench", "pandalm", "ifbench-rm", "hh-rlhf", "hhh", "preference-pairs"],
] as const;
const DATA = "../shared/data";

/** One reward model, and how `armature bench` is told about it. */
export interface RealScorer {
  readonly name: string;
  readonly args: readonly string[];
}

/** Where everything goes, and how many items models judge. */
export interface RealBenches {
  readonly folder: string;
  /** GGUF file or folder of the real model. */
  readonly model: string;
  /** Items that the scalar model and the judge are asked about, drawn by seed 0 of each suite. */
  readonly scalarItems: number;
  readonly judgeItems: number;
  /** Pairs that the scalar model learns from. */
  readonly trainingPairs: number;
}

/** Trains the scalar model where it is not trained yet, and names the three reward models. */
export async function realScorers({
  folder,
  model,
  scalarItems,
  judgeItems,
  trainingPairs,
}: RealBenches): Promise<readonly RealScorer[]> {
  await runCommand([
    ...["train", "recipes/bradley-terry-smollm2/recipe.yaml", "--name", "scalar", "--runs", folder],
    ...["--set", `model.path=${model}`, "--set", `data.pairs=${trainingPairs}`],
    ...["--set", `evaluation.pairs=${scalarItems}`],
  ]);
  const run = join(folder, "scalar");
  return [
    { name: "length", args: ["--scorer", "length"] },
    {
      name: "bradley-terry",
      args: ["--run", run, "--training", run, "--sample", String(scalarItems)],
    },
    {
      name: "rubric-judge",
      args: [
        ...["--model", model, "--mode", "decision", "--rubric", "perf/benches/rubric.txt"],
        ...["--sample", String(judgeItems)],
      ],
    },
  ];
}

/** Folder of the result of a scorer on a suite; what is there already is not measured again. */
export async function realBench(folder: string, suite: string, { name, args }: RealScorer): Promise<string> {
  const out = join(folder, `${suite}-${name}`);
  if (!existsSync(join(out, "result.json")))
    await runCommand(["bench", suite, "--data", DATA, ...args, "--scorer-name", name, "--out", out]);
  return out;
}
