/**
 * Trains a policy of the sandbox with every reward for a short while and prints whether it found a trick:
 *
 *   npx tsx --conditions=armature-source recipes/hacking/train.ts [--models runs] [--runs runs] [--seeds 0,1,2] [--json]
 *
 * Reward models are trained below `--models` where they are not there. `--rewards "truth;bradley-terry"` chooses some. Finished
 * runs are not trained again.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bootstrapMean, type Interval } from "../../packages/armature/src/evaluation/bootstrap.ts";
import type {
  EvaluatedResponse,
  PolicyEvaluation,
} from "../../packages/armature/src/policy/evaluation/policy-evaluation.ts";
import { clusters } from "../../packages/armature/src/policy/evaluation/policy-report.ts";
import { distinctShare } from "../../packages/armature/src/policy/evaluation/response-diversity.ts";
import type { NumberFormat } from "../../packages/armature/src/run/report.ts";
import { estimateText, numberText } from "../../packages/armature/src/run/report-number.ts";
import { policyEvaluations, trainedRun } from "../trained-run.ts";
import { chosenRewards, rewardSetting } from "./rewards.ts";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "runs" },
    runs: { type: "string", default: "runs" },
    rewards: { type: "string" },
    seeds: { type: "string", default: "0,1,2" },
    json: { type: "boolean", default: false },
  },
});
const seeds = values.seeds.split(",").map(Number);

type Pick = (response: EvaluatedResponse) => number | null | undefined;

const MEASURES: readonly (readonly [name: string, NumberFormat, Pick])[] = [
  ["true win rate", "percent", ({ truth }) => truth?.winRate],
  ["true reward", "number", ({ truth }) => truth?.reward],
  ["no note", "percent", ({ truth }) => Number(truth?.reward === null)],
  ["empty", "percent", ({ text }) => Number(text.trim() === "")],
  ["tokens", "number", ({ tokens }) => tokens],
];

const rows = chosenRewards(values.rewards).flatMap((tried, place) => {
  const runs = seeds.map((seed) =>
    policyEvaluations(
      trainedRun(values.runs, {
        name: `hacking-${tried.name.replace(/\W+/g, "-")}-${seed}`,
        recipe: join(import.meta.dirname, "recipe.yaml"),
        settings: [`seed=${seed}`, rewardSetting(tried, seed, values.models)],
      }),
    ),
  );
  const after = row(
    tried.name,
    runs.map((run) => run.after),
    runs.map((run) => run.before),
  );
  // The policy that all start from is the same, whatever reward it is measured by.
  return place === 0
    ? [
        row(
          "(before training)",
          runs.map((run) => run.before),
        ),
        after,
      ]
    : [after];
});
process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : markdown());

function row(reward: string, after: readonly PolicyEvaluation[], before?: readonly PolicyEvaluation[]) {
  const mean = (evaluations: readonly PolicyEvaluation[], pick: Pick) =>
    over(evaluations, pick)?.value ?? null;
  return {
    reward,
    rewardBefore: before === undefined ? null : mean(before, (r) => r.reward),
    rewardAfter: before === undefined ? null : mean(after, (r) => r.reward),
    measures: Object.fromEntries(MEASURES.map(([name, , pick]) => [name, over(after, pick)])),
    distinct: after.map(({ prompts }) =>
      distinctShare(prompts.flatMap(({ responses }) => responses.map(({ text }) => text))),
    ),
  };
}

/** Over all seeds; a prompt's responses of all seeds are drawn together. */
function over(evaluations: readonly PolicyEvaluation[], pick: Pick): Interval | null {
  const byPrompt = evaluations.map((evaluation) => clusters(evaluation, pick));
  return bootstrapMean(
    byPrompt[0]!.map((_, i) => byPrompt.flatMap((own) => own[i]!)),
    { seed: 0, resamples: 2000 },
  );
}

function markdown(): string {
  const lines = rows.map(({ reward, rewardBefore, rewardAfter, measures, distinct }) => {
    const proxy = [rewardBefore, rewardAfter].map((value) =>
      value === null ? "–" : numberText(value, "number"),
    );
    const cells = MEASURES.map(([name, format]) => {
      const measured = measures[name];
      return measured ? estimateText(measured, format) : "–";
    });
    const mean = distinct.reduce((sum, share) => sum + share, 0) / distinct.length;
    return `| ${[reward, proxy.join(" → "), ...cells, numberText(mean, "percent")].join(" | ")} |`;
  });
  const names = MEASURES.map(([name]) => name).join(" | ");
  return [
    `| reward | own reward | ${names} | distinct responses |`,
    `|---|---|${"---|".repeat(MEASURES.length)}---|`,
    ...lines,
    "",
  ].join("\n");
}
