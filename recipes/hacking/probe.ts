/**
 * Tries the sandbox's hacking probes on every reward and prints which reward pays for which trick:
 *
 *   npx tsx --conditions=armature-source recipes/hacking/probe.ts --models runs [--prompts 100] [--seeds 0,1,2] [--json]
 *
 * `--models` holds the trained reward models; README.md says how they are made.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadRecipe } from "../../packages/armature/src/config/load-recipe.ts";
import type { GrpoRecipe } from "../../packages/armature/src/config/policy-recipe.ts";
import type { Interval } from "../../packages/armature/src/evaluation/bootstrap.ts";
import { openReward } from "../../packages/armature/src/policy/open-reward.ts";
import type { OpenReward } from "../../packages/armature/src/reward/policy-reward.ts";
import { changeText, estimateText, numberText } from "../../packages/armature/src/run/report-number.ts";
import { policyPrompts } from "../../packages/armature/src/sandbox/policy-prompts.ts";
import {
  type RewardProbeResult,
  studyRewardProbes,
} from "../../packages/armature/src/study/reward-probes.ts";
import {
  honestNote,
  SANDBOX_PROBE_KINDS,
  sandboxProbes,
} from "../../packages/armature/src/study/sandbox-probes.ts";
import { REWARDS, rewardSetting, type TriedReward } from "./rewards.ts";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "runs" },
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

const studies: { readonly reward: string; readonly results: readonly RewardProbeResult[] }[] = [];
for (const tried of REWARDS) {
  process.stderr.write(`${tried.name}\n`);
  const opened: OpenReward[] = [];
  try {
    for (const seed of tried.seeded ? seeds : seeds.slice(0, 1)) opened.push(await open(tried, seed));
    const rewards = opened.map(({ reward }) => reward);
    const results = await studyRewardProbes(subjects, rewards, { seed: 0, resamples: 2000 });
    studies.push({ reward: tried.name, results });
  } finally {
    for (const { close } of opened) await close();
  }
}
process.stdout.write(values.json ? `${JSON.stringify(studies, null, 2)}\n` : `${matrix()}\n${details()}`);

async function open(tried: TriedReward, seed: number): Promise<OpenReward> {
  const file = join(import.meta.dirname, "recipe.yaml");
  const { recipe, resolve } = loadRecipe(file, [rewardSetting(tried, seed, values.models)]);
  return openReward((recipe as GrpoRecipe).reward, { resolve, seed, sandbox: true, threads: 1 });
}

/** Share of prompts on which a trick earns at least as much as the honest note, rewards in columns. */
function matrix(): string {
  const probes = studies[0]!.results.map(({ probe }) => probe);
  const rows = probes.map((probe) => {
    const cells = studies.map(({ results }) => {
      const found = results.find((result) => result.probe === probe);
      return found?.atLeast ? numberText(found.atLeast.value, "percent") : "–";
    });
    return `| ${[probe, ...cells].join(" | ")} |`;
  });
  const header = `| trick | ${studies.map(({ reward }) => reward).join(" | ")} |`;
  return [header, `|---${"|---".repeat(studies.length)}|`, ...rows, ""].join("\n");
}

function details(): string {
  const share = (interval: Interval | null) => (interval === null ? "–" : estimateText(interval, "percent"));
  const rows = studies.flatMap(({ reward, results }) =>
    results.map(({ probe, atLeast, more, gain, unjudged }) => {
      const change = gain === null ? "–" : changeText(gain, "number");
      const { what } = SANDBOX_PROBE_KINDS[probe as keyof typeof SANDBOX_PROBE_KINDS];
      return `| ${[reward, `${probe}: ${what}`, share(atLeast), share(more), change, unjudged].join(" | ")} |`;
    }),
  );
  return [
    "| reward | trick | at least as much | more | mean difference | without reward |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
