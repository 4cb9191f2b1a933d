/**
 * How Rubric-ARM's reward orders a policy's notes against its greedy note, by what truly differs between the two:
 *
 *   npx tsx --conditions=armature-source recipes/arm-policy/agreement.ts [--runs runs] [--seed 0] [--prompts 150] [--samples 4]
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openPolicy } from "../../packages/armature/src/policy/open-policy.ts";
import { greedyResponses, samplePolicy } from "../../packages/armature/src/policy/policy-rollouts.ts";
import { openReward } from "../../packages/armature/src/policy/reward/open-reward.ts";
import { type NoteTruth, noteTruth } from "../../packages/armature/src/sandbox/note-truth.ts";
import { policyPrompts } from "../../packages/armature/src/sandbox/policy-prompts.ts";
import { startPolicy } from "./start-policy.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "runs" },
    seed: { type: "string", default: "0" },
    prompts: { type: "string", default: "150" },
    samples: { type: "string", default: "4" },
  },
});
const runs = resolve(values.runs);
const prompts = policyPrompts().heldOut.slice(0, Number(values.prompts));
const model = { kind: "sandbox", checkpoint: startPolicy(runs), threads: 1, url: null } as const;
const policy = await openPolicy({ model, maxTokens: 40, seed: 0 }, resolve, "");
const sampler = await policy.model.samplerNow().result;
const greedy = await greedyResponses(sampler, policy.writer, prompts);
const sampling = { count: Number(values.samples), temperature: 1, seed: 0, names: ["agreement"] };
const groups = (await samplePolicy(sampler, policy.writer, prompts, sampling)).map(
  ({ prompt, responses }, i) => ({
    ...{ prompt, responses: responses.map(({ text }) => text), greedy: greedy[i]! },
    tokens: responses.map(({ tokens }) => tokens.length),
  }),
);
await policy.close();

process.stdout.write(
  "| judge | against the greedy note | notes | mean reward | 0 | ½ | 1 | null |\n|---|---|---|---|---|---|---|---|\n",
);
for (const [judge, run] of [
  ["rubric-arm", join(runs, `arm-${values.seed}`)],
  ["warm-up judge", null],
] as const) {
  const section = { kind: "rubric-arm", run, rubric: null, temperature: 0 } as const;
  const opening = { resolve, seed: 0, sandbox: true, threads: 1 };
  const { reward, close } = await openReward(section, opening);
  const rewards = await reward.reward(groups);
  await close();
  const byKind = new Map<string, (number | null)[]>();
  for (const [i, group] of groups.entries())
    for (const [j, text] of group.responses.entries()) {
      const kind = difference(noteTruth(group.prompt, text), noteTruth(group.prompt, group.greedy));
      byKind.set(kind, [...(byKind.get(kind) ?? []), rewards[i]![j]!.value]);
    }
  for (const [kind, earned] of [...byKind].sort(([a], [b]) => a.localeCompare(b))) {
    const known = earned.filter((value) => value !== null);
    const share = (value: number | null) =>
      `${Math.round((100 * earned.filter((own) => own === value).length) / earned.length)} %`;
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const cells = [judge, kind, earned.length, mean.toFixed(2), share(0), share(0.5), share(1), share(null)];
    process.stdout.write(`| ${cells.join(" | ")} |\n`);
  }
}

function difference(own: NoteTruth, other: NoteTruth): string {
  if (own.reward === null || other.reward === null) return "one is no note";
  const rules = own.rulesKept - other.rulesKept;
  if (rules !== 0) return rules > 0 ? "keeps more rules" : "keeps fewer rules";
  const value = own.reward - other.reward;
  if (Math.abs(value) < 1e-9) return "equal in truth";
  return value > 0 ? "more of what is valued" : "less of what is valued";
}
