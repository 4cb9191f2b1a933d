import type { PolicyRecipe } from "../../config/policy-recipe.ts";
import { bootstrapDifference, bootstrapMean, type Interval } from "../../evaluation/bootstrap.ts";
import type { Estimate, NumberFormat, Report, ReportTable, SummaryRow } from "../../run/report.ts";
import type { MetricsRecord } from "../../run/run-directory.ts";
import { runFacts, SANDBOX_LIMIT } from "../../run/run-facts.ts";
import { type EvaluatedPair, orderedRight } from "./pair-evaluation.ts";
import { policyCharts } from "./policy-charts.ts";
import type { EvaluatedResponse, PolicyEvaluation } from "./policy-evaluation.ts";

export interface PolicyRunFacts {
  readonly recipe: PolicyRecipe;
  readonly rewardId: string;
  readonly notes: readonly string[];
  readonly metrics: readonly MetricsRecord[];
  readonly before: PolicyEvaluation;
  readonly after: PolicyEvaluation;
  readonly startedAt: string;
}

const TITLES = {
  grpo: "GRPO",
  dpo: "DPO",
  "best-of-n": "Best-of-n fine-tuning",
  "sft-chosen": "Supervised fine-tuning on chosen responses",
} as const;

/** "4 responses each". */
export const responsesEach = (samples: number): string =>
  samples === 1 ? "one response each" : `${samples} responses each`;

/** What a finished policy run tells: headline numbers with intervals over prompts, curves, responses, limits. */
export function policyReport(facts: PolicyRunFacts): Report {
  const { recipe, rewardId, metrics, before, after } = facts;
  const sandbox = recipe.data.kind === "sandbox";
  const rewarded = recipe.reward.kind !== "none";
  return {
    title: `${TITLES[recipe.method]} of a policy`,
    lead: `A policy trained ${rewarded ? `with the reward ${rewardId}` : "without a reward"}, measured on ${after.prompts.length} held-out prompts with ${responsesEach(recipe.evaluation.samples)} at temperature ${recipe.evaluation.temperature}. Before is the policy that the run started from.`,
    summary: summaryRows(facts),
    charts: policyCharts(metrics, before),
    tables: [responsesTable(before, after, recipe.output.examples)],
    examples: [],
    notes: [
      ...facts.notes,
      "Intervals are 95 % bootstrap intervals over prompts.",
      ...(rewarded
        ? [
            "A reward that compares with a greedy response takes the base policy's in evaluations, and the policy's own in training.",
            "A reward that could not be measured is left out of means and counted apart.",
          ]
        : []),
      ...(sandbox ? [SANDBOX_LIMIT] : []),
    ],
    facts: runFacts(recipe, facts.startedAt),
  };
}

type Pick = (response: EvaluatedResponse) => number | null | undefined;

function summaryRows({ recipe, before, after }: PolicyRunFacts): SummaryRow[] {
  const settings = { seed: recipe.seed, resamples: recipe.evaluation.bootstrapSamples };
  const row = (name: string, label: string, format: NumberFormat, pick: Pick): SummaryRow[] => {
    const [old, now] = [before, after].map((evaluation) => clusters(evaluation, pick));
    const [was, is] = [bootstrapMean(old!, settings), bootstrapMean(now!, settings)];
    if (is === null) return [];
    const change = bootstrapDifference(old!, now!, settings);
    return [
      {
        ...{ name, label, format },
        ...(was && { before: estimate(was) }),
        after: estimate(is),
        ...(change && { change: estimate(change) }),
      },
    ];
  };
  const components = new Set(
    after.prompts.flatMap(({ responses }) => responses.flatMap((r) => Object.keys(r.components))),
  );
  return [
    ...row("true-win-rate", "true win rate against the base policy", "percent", (r) => r.truth?.winRate),
    ...row("true-reward", "true reward of valid notes", "number", (r) => r.truth?.reward),
    ...row("valid-notes", "texts that are notes for their request", "percent", (r) =>
      r.truth === undefined ? null : Number(r.truth.reward !== null),
    ),
    ...row("rules-kept", "rules of the request kept", "percent", (r) => r.truth?.rulesKept),
    ...row("reward", "reward", "number", (r) => r.reward),
    ...[...components].flatMap((name) =>
      row(`reward-${name}`, `reward, ${name}`, "number", (r) => r.components[name]),
    ),
    ...(recipe.reward.kind === "none"
      ? []
      : row("null-rewards", "rewards that could not be measured", "percent", (r) =>
          Number(r.reward === null),
        )),
    ...row("kl", "KL to the base policy, nats a response", "number", (r) => r.logRatio),
    ...row("base-surprisal", "surprise of the base policy, nats a token", "number", (r) =>
      r.baseLogprob === undefined || r.tokens === 0 ? null : -r.baseLogprob / r.tokens,
    ),
    ...row("shared-runs", "runs of four words shared with other prompts", "percent", (r) => r.sharedRuns),
    ...row("tokens", "length in tokens", "number", (r) => r.tokens),
    ...pairRows(recipe, before, after),
  ];
}

/** Of held-out pairs that the recipe gives. Before training no implicit reward differs from 0, so its accuracy is a half. */
function pairRows(recipe: PolicyRecipe, before: PolicyEvaluation, after: PolicyEvaluation): SummaryRow[] {
  const settings = { seed: recipe.seed, resamples: recipe.evaluation.bootstrapSamples };
  const row = (name: string, label: string, pick: (pair: EvaluatedPair) => number): SummaryRow[] => {
    const [old, now] = [before, after].map(({ pairs = [] }) =>
      pairs.map((pair) => [orderedRight(pick(pair))]),
    );
    const [was, is] = [bootstrapMean(old!, settings), bootstrapMean(now!, settings)];
    const change = bootstrapDifference(old!, now!, settings);
    return was && is && change
      ? [
          {
            ...{ name, label, format: "percent" },
            ...{ before: estimate(was), after: estimate(is), change: estimate(change) },
          },
        ]
      : [];
  };
  const perToken = recipe.method === "dpo" && recipe.loss !== "sigmoid";
  return [
    ...row("pair-accuracy", "held-out pairs that the implicit reward orders rightly", (pair) =>
      perToken ? pair.implicitPerToken : pair.implicit,
    ),
    ...row(
      "likelier-chosen",
      "held-out pairs whose chosen response is likelier a token",
      (pair) => pair.likelihood,
    ),
  ];
}

/** Values by prompt; those that were not measured are left out. */
export function clusters({ prompts }: PolicyEvaluation, pick: Pick): readonly (readonly number[])[] {
  return prompts.map(({ responses }) =>
    responses.map(pick).filter((value) => value !== null && value !== undefined),
  );
}

function estimate({ value, low, high }: Interval): Estimate {
  return { value, low, high };
}

function responsesTable(before: PolicyEvaluation, after: PolicyEvaluation, count: number): ReportTable {
  const cells = (response: EvaluatedResponse | undefined) => [
    response?.text ?? "",
    numberText(response?.truth === undefined ? response?.reward : response.truth.reward),
  ];
  const truth = after.prompts[0]?.responses[0]?.truth !== undefined;
  const earned = truth ? "true reward" : "reward";
  return {
    title: "Responses to held-out prompts",
    columns: ["prompt", "before", earned, "after", earned],
    rows: after.prompts
      .slice(0, count)
      .map(({ prompt, responses }, i) => [
        prompt,
        ...cells(before.prompts[i]?.responses[0]),
        ...cells(responses[0]),
      ]),
    caption: "The first sampled response to each of the first prompts; nothing was chosen.",
  };
}

function numberText(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(2);
}
