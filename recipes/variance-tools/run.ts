/**
 * GRPO with each of its variance tools, three seeds each, and what came out against the plain method:
 *
 *   npx tsx --conditions=armature-source recipes/variance-tools/run.ts [--runs runs] [--seeds 0,1,2] [--tools "plain;refills"]
 *     [--prompts 400] [--samples 4] [--train-only]
 *
 * What is missing below --runs is trained first: the policy that all start from (start-policy) and Rubric-ARM's models (arm-0 and so
 * on). Finished runs are kept, a stopped one goes on.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { measurePolicies } from "../../packages/armature/src/policy/evaluation/measure-policies.ts";
import { readPolicyRun } from "../../packages/armature/src/policy/evaluation/trained-policy.ts";
import { REWARDS, recipeOf } from "../arm-policy/arms.ts";
import { startPolicy } from "../arm-policy/start-policy.ts";
import { chosen } from "../chosen.ts";
import { trainedRun } from "../trained-run.ts";
import { VARIANCE_TOOLS, type VarianceTool } from "./arms.ts";
import { measuredRun, processorSeconds } from "./processor-time.ts";
import { toolsMarkdown } from "./tools-markdown.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "runs/variance-tools" },
    seeds: { type: "string", default: "0,1,2" },
    tools: { type: "string" },
    prompts: { type: "string", default: "400" },
    samples: { type: "string", default: "4" },
    "train-only": { type: "boolean", default: false },
  },
});
const runs = resolve(values.runs);
const seeds = values.seeds.split(",").map(Number);
const tools = chosen(VARIANCE_TOOLS, "--tools", values.tools);
const rubricArm = REWARDS.find(({ name }) => name === "rubric-arm")!;

const start = startPolicy(runs);
const folders = new Map(tools.map(({ name }) => [name, [] as string[]]));
for (const seed of seeds) {
  const { name, recipe } = rubricArm.model!;
  trainedRun(runs, { name: name(seed), recipe, settings: [`seed=${seed}`] });
  for (const tool of tools) folders.get(tool.name)!.push(trained(tool, seed));
}
if (!values["train-only"]) await compare();

function trained({ name, settings }: VarianceTool, seed: number): string {
  return measuredRun(runs, {
    name: `${name.replaceAll(/\W+/g, "-")}-${seed}`,
    recipe: recipeOf("grpo"),
    settings: [
      ...[`seed=${seed}`, `model.checkpoint=${start}`, "evaluation.every=0"],
      `reward.parts.judge.reward=${JSON.stringify(rubricArm.section(seed, runs))}`,
      ...settings,
    ],
  });
}

async function compare(): Promise<void> {
  const groups = [...folders].map(([name, trainedWith]) => ({
    name,
    runs: trainedWith.map((folder) => readPolicyRun(folder, folder)),
  }));
  const measured = await measurePolicies(groups, {
    ...{ prompts: Number(values.prompts), samples: Number(values.samples), temperature: 1, seed: 0 },
    onProgress: (name, done, total) => process.stderr.write(`measuring ${name} (${done + 1} of ${total})\n`),
  });
  const seconds = new Map([...folders].map(([name, own]) => [name, own.map(processorSeconds)]));
  process.stdout.write(toolsMarkdown(measured, seconds));
}
