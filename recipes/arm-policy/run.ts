/**
 * Trains policies by every method with every reward and compares them in truth:
 *
 *   npx tsx --conditions=armature-source recipes/arm-policy/run.ts [--runs runs] [--seeds 0,1,2] [--methods sft,dpo,iterative,grpo]
 *     [--rewards rubric-arm,warm-up-judge,direct-judge,bradley-terry] [--train-only] [--out folder]
 *
 * What is missing below --runs is trained first: the policy that all start from (start-policy), and reward models (arm-0,
 * bradley-terry-0 and so on). Finished runs are not trained again, and a run that was killed
 * goes on. Several calls with different seeds may train at the same time.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { comparePolicies } from "../../packages/armature/src/policy/evaluation/compare-policies.ts";
import { measurePolicies } from "../../packages/armature/src/policy/evaluation/measure-policies.ts";
import { readPolicyRun } from "../../packages/armature/src/policy/evaluation/trained-policy.ts";
import { chosen } from "../chosen.ts";
import { trainedRun } from "../trained-run.ts";
import { METHODS, REWARDS, recipeOf, runName } from "./arms.ts";
import { resultsMarkdown } from "./results-markdown.ts";
import { startPolicy } from "./start-policy.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "runs" },
    seeds: { type: "string", default: "0,1,2" },
    methods: { type: "string" },
    rewards: { type: "string" },
    prompts: { type: "string", default: "400" },
    samples: { type: "string", default: "4" },
    "train-only": { type: "boolean", default: false },
    out: { type: "string" },
  },
});
const runs = resolve(values.runs);
const seeds = values.seeds.split(",").map(Number);
const dashed = REWARDS.map((reward) => ({ reward, name: reward.name.replace(/ /g, "-") }));
const rewards = chosen(dashed, "--rewards", values.rewards, ",").map(({ reward }) => reward);
const methods = chosen(
  ["sft", ...METHODS].map((name) => ({ name })),
  "--methods",
  values.methods,
  ",",
).map(({ name }) => name);

const start = startPolicy(runs);
const groups: { name: string; folders: string[] }[] = [];
if (methods.includes("sft"))
  groups.push({ name: "sft", folders: seeds.map((seed) => train("sft", null, seed, [])) });
for (const reward of REWARDS.filter((each) => rewards.includes(each)))
  for (const method of METHODS.filter((name) => methods.includes(name)))
    groups.push({
      name: `${method}, ${reward.name}`,
      folders: seeds.map((seed) => {
        if (reward.model !== undefined)
          trainedRun(runs, {
            name: reward.model.name(seed),
            recipe: reward.model.recipe,
            settings: [`seed=${seed}`],
          });
        const section = JSON.stringify(reward.section(seed, runs));
        return train(method, reward.name, seed, [`reward.parts.judge.reward=${section}`]);
      }),
    });
if (!values["train-only"]) await compare();

function train(
  method: "sft" | (typeof METHODS)[number],
  reward: string | null,
  seed: number,
  settings: readonly string[],
): string {
  return trainedRun(runs, {
    name: runName(method, reward, seed),
    recipe: recipeOf(method),
    settings: [`seed=${seed}`, `model.checkpoint=${start}`, ...settings],
  });
}

async function compare(): Promise<void> {
  const measured = await measurePolicies(
    groups.map(({ name, folders }) => ({
      name,
      runs: folders.map((folder) => readPolicyRun(folder, folder)),
    })),
    {
      ...{ prompts: Number(values.prompts), samples: Number(values.samples), temperature: 1, seed: 0 },
      onProgress: (name, done, total) =>
        process.stderr.write(`measuring ${name} (${done + 1} of ${total})\n`),
    },
  );
  const comparison = comparePolicies(measured, { seed: 0 });
  const markdown = resultsMarkdown(comparison);
  process.stdout.write(markdown);
  if (values.out === undefined) return;
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, "results.json"), `${JSON.stringify({ seeds, ...comparison }, null, 2)}\n`);
  writeFileSync(join(values.out, "results.md"), markdown);
}
