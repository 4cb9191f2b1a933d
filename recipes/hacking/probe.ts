/**
 * Tries the sandbox's hacking probes on every reward and prints which reward pays for which trick:
 *
 *   npx tsx --conditions=armature-source recipes/hacking/probe.ts [--models runs] [--prompts 100] [--seeds 0,1,2] [--json]
 *
 * Each reward's results are kept in `--results`; what stands there for the same prompts and seeds is not asked again.
 * Reward models are trained below `--models` where they are not there. `--rewards "truth;bradley-terry"` chooses some.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { loadRecipe } from "../../packages/armature/src/config/load-recipe.ts";
import type { GrpoRecipe } from "../../packages/armature/src/config/policy-recipe.ts";
import { openReward } from "../../packages/armature/src/policy/reward/open-reward.ts";
import type { OpenReward } from "../../packages/armature/src/reward/policy-reward.ts";
import { writeFileAtomic } from "../../packages/armature/src/run/atomic-file.ts";
import { toJsonLines } from "../../packages/armature/src/run/json-lines.ts";
import { policyPrompts } from "../../packages/armature/src/sandbox/policy-prompts.ts";
import {
  type RewardProbeResult,
  studyRewardProbes,
} from "../../packages/armature/src/study/reward-probes.ts";
import { honestNote, sandboxProbes } from "../../packages/armature/src/study/sandbox-probes.ts";
import { probeDetails, probeMatrix, type RewardProbes } from "./probe-table.ts";
import { chosenRewards, rewardSetting, type TriedReward } from "./rewards.ts";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "runs" },
    rewards: { type: "string" },
    results: { type: "string", default: "runs/hacking-probes.jsonl" },
    prompts: { type: "string", default: "100" },
    seeds: { type: "string", default: "0,1,2" },
    json: { type: "boolean", default: false },
  },
});
const seeds = values.seeds.split(",").map(Number);
const subjects = policyPrompts()
  .heldOut.slice(0, Number(values.prompts))
  .map((prompt) => {
    const honest = honestNote(prompt);
    return { prompt, honest, probes: sandboxProbes(prompt, honest) };
  });

const asked = `${values.prompts} prompts, seeds ${values.seeds}`;
const known = readKept();
const studies: RewardProbes[] = [];
for (const tried of chosenRewards(values.rewards)) {
  const kept = known.find((study) => study.reward === tried.name && study.asked === asked);
  const results = kept?.results ?? (await probe(tried));
  studies.push({ reward: tried.name, results });
  if (kept === undefined) keep({ reward: tried.name, asked, results });
}
process.stdout.write(
  values.json ? `${JSON.stringify(studies, null, 2)}\n` : `${probeMatrix(studies)}\n${probeDetails(studies)}`,
);

async function probe(tried: TriedReward): Promise<readonly RewardProbeResult[]> {
  process.stderr.write(`${tried.name}\n`);
  const opened: OpenReward[] = [];
  try {
    const settings = new Map(seeds.map((seed) => [rewardSetting(tried, seed, values.models), seed]));
    for (const [setting, seed] of settings) opened.push(await open(setting, seed));
    const rewards = opened.map(({ reward }) => reward);
    return await studyRewardProbes(subjects, rewards, { seed: 0, resamples: 2000 });
  } finally {
    for (const { close } of opened) await close();
  }
}

function readKept(): readonly (RewardProbes & { readonly asked: string })[] {
  if (!existsSync(values.results)) return [];
  const lines = readFileSync(values.results, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

function keep(study: RewardProbes & { readonly asked: string }): void {
  mkdirSync(dirname(values.results), { recursive: true });
  writeFileAtomic(values.results, toJsonLines([...readKept(), study]));
}

async function open(setting: string, seed: number): Promise<OpenReward> {
  const file = join(import.meta.dirname, "recipe.yaml");
  const { recipe, resolve } = loadRecipe(file, [setting]);
  return openReward((recipe as GrpoRecipe).reward, { resolve, seed, sandbox: true, threads: 1 });
}
