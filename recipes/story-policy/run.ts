/**
 * Trains the story model with both rubrics and three seeds and prints what changed, over all seeds:
 *
 *   npx tsx --conditions=armature-source recipes/story-policy/run.ts [--runs runs] [--seeds 0,1,2] [--json]
 *
 * Runs that are finished are not trained again.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bootstrapDifference, bootstrapMean } from "../../packages/armature/src/evaluation/bootstrap.ts";
import type {
  EvaluatedResponse,
  PolicyEvaluation,
} from "../../packages/armature/src/policy/evaluation/policy-evaluation.ts";
import { clusters } from "../../packages/armature/src/policy/evaluation/policy-report.ts";
import type { NumberFormat } from "../../packages/armature/src/run/report.ts";
import { changeText, estimateText } from "../../packages/armature/src/run/report-number.ts";
import { policyEvaluations, trainedRun } from "../trained-run.ts";

const RUBRICS = ["rubric-first", "rubric"] as const;

/** Named as in the report of a run. */
const MEASURES: readonly (readonly [string, NumberFormat, (r: EvaluatedResponse) => number | null])[] = [
  ["reward", "number", (r) => r.reward],
  ["KL to the base policy, nats a response", "number", (r) => r.logRatio],
  [
    "surprise of the base policy, nats a token",
    "number",
    (r) => (r.tokens === 0 ? null : -r.baseLogprob / r.tokens),
  ],
  ["runs of four words shared with other prompts", "percent", (r) => r.sharedRuns],
  ["length in tokens", "number", (r) => r.tokens],
];

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "runs" },
    seeds: { type: "string", default: "0,1,2" },
    json: { type: "boolean", default: false },
  },
});

const results = RUBRICS.map((rubric) => {
  const runs = values.seeds.split(",").map((seed) =>
    policyEvaluations(
      trainedRun(values.runs, {
        name: `story-${rubric}-${seed}`,
        recipe: join(import.meta.dirname, "recipe.yaml"),
        settings: [`seed=${seed}`, `reward.rubricFile=${join(import.meta.dirname, `${rubric}.yaml`)}`],
      }),
    ),
  );
  return { rubric, seeds: values.seeds, rows: rowsOf(runs) };
});
process.stdout.write(
  values.json ? `${JSON.stringify(results, null, 2)}\n` : results.map(markdown).join("\n"),
);

/** Each measure before and after. All seeds' responses to a prompt are one cluster: they are not independent. */
function rowsOf(runs: readonly { before: PolicyEvaluation; after: PolicyEvaluation }[]) {
  const criteria = Object.keys(runs[0]!.after.prompts[0]!.responses[0]!.components);
  const measures = [
    ...MEASURES.slice(0, 1),
    ...criteria.map((id) => [id, "percent", (r: EvaluatedResponse) => r.components[id] ?? null] as const),
    ...MEASURES.slice(1),
  ];
  const settings = { seed: 0, resamples: 2000 };
  return measures.map(([name, format, pick]) => {
    const [before, after] = (["before", "after"] as const).map((when) =>
      byPrompt(
        runs.map((run) => run[when]),
        pick,
      ),
    );
    return {
      ...{ name, format },
      before: bootstrapMean(before!, settings),
      after: bootstrapMean(after!, settings),
      change: bootstrapDifference(before!, after!, settings),
    };
  });
}

function byPrompt(
  evaluations: readonly PolicyEvaluation[],
  pick: (r: EvaluatedResponse) => number | null,
): readonly (readonly number[])[] {
  const values = new Map<string, number[]>();
  for (const evaluation of evaluations)
    for (const [i, own] of clusters(evaluation, pick).entries()) {
      const { id } = evaluation.prompts[i]!;
      values.set(id, [...(values.get(id) ?? []), ...own]);
    }
  return [...values.values()];
}

function markdown({ rubric, seeds, rows }: (typeof results)[number]): string {
  const lines = rows.map(({ name, format, before, after, change }) => {
    const cells = [before, after].map((value) => (value === null ? "–" : estimateText(value, format)));
    return `| ${[name, ...cells, change === null ? "–" : changeText(change, format)].join(" | ")} |`;
  });
  return `${rubric}.yaml, seeds ${seeds}\n\n| | before | after | change |\n|---|---|---|---|\n${lines.join("\n")}\n`;
}
