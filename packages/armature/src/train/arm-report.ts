import type { ArmRecipe } from "../config/recipe-schema.ts";
import { bootstrapDifference, type Interval } from "../evaluation/bootstrap.ts";
import type { LineChart, Report, ReportExample, ReportTable, SummaryRow } from "../run/report.ts";
import type { MetricsRecord } from "../run/run-directory.ts";
import { runFacts, SANDBOX_LIMIT } from "../run/run-facts.ts";
import { formatBounds, sandboxBounds } from "../sandbox/bounds.ts";
import { HELD_OUT_PAIRS, worldPairs } from "../sandbox/world.ts";

import type { ArmEvaluation } from "./arm-evaluation.ts";
import type { RunPairs } from "./run-pairs.ts";

export interface ArmRunFacts {
  readonly recipe: ArmRecipe;
  readonly data: RunPairs;
  readonly metrics: readonly MetricsRecord[];
  readonly before: ArmEvaluation;
  readonly after: ArmEvaluation;
  /** Step of the schedule whose checkpoint did best on the watching pairs. */
  readonly bestStep: number;
  readonly startedAt: string;
}

/** What a finished run tells: headline numbers with intervals, curves, bounds, examples, and its limits. */
export function armReport(facts: ArmRunFacts): Report {
  const { recipe, data, before, after } = facts;
  const sandbox = after.sandbox !== undefined;
  return {
    title: sandbox ? "Rubric-ARM in the sandbox" : "Rubric-ARM",
    lead: `A rubric generator and a judge, trained in turn by reinforcement learning on ${data.train.length} preference pairs (${recipe.rounds} rounds, ${recipe.order}), measured on ${data.heldOut.length} held-out pairs in both orders.`,
    summary: summaryRows(facts),
    charts: charts(facts),
    tables: tables(facts),
    examples: examples(before, after),
    notes: [
      ...data.notes,
      "Accuracy counts a judgement that cannot be read as wrong; such judgements are also listed apart.",
      data.watching.length > 0
        ? `The checkpoint of step ${facts.bestStep} was chosen on ${data.watching.length} other pairs.`
        : "The last checkpoint is measured; no pairs were set aside to choose one.",
      ...(sandbox ? [SANDBOX_LIMIT] : []),
    ],
    facts: runFacts(recipe, facts.startedAt),
  };
}

function summaryRows({ recipe, before, after }: ArmRunFacts): SummaryRow[] {
  const change = bootstrapDifference(before.scores, after.scores, {
    seed: recipe.seed,
    resamples: recipe.evaluation.bootstrapSamples,
  });
  const row = (
    name: string,
    label: string,
    pick: (evaluation: ArmEvaluation) => number | Interval | null | undefined,
    more: Partial<SummaryRow> = {},
  ): SummaryRow[] => {
    const [old, now] = [estimate(pick(before)), estimate(pick(after))];
    return now ? [{ name, label, format: "percent", ...(old && { before: old }), after: now, ...more }] : [];
  };
  return [
    ...row("accuracy", "accuracy, mean of both orders", (e) => e.accuracy.accuracy, {
      ...(change && { change: estimate(change)! }),
    }),
    ...row("accuracy-given", "accuracy, preferred response first", (e) => e.accuracy.given),
    ...row("accuracy-swapped", "accuracy, preferred response second", (e) => e.accuracy.swapped),
    ...row("accuracy-mixed", "accuracy, random order", (e) => e.accuracy.mixed),
    ...row(
      "accuracy-vote",
      `accuracy, vote of ${recipe.evaluation.votes}, random order`,
      (e) => e.vote?.accuracy.accuracy,
    ),
    ...row(
      "position-variation",
      "position variation (largest − smallest of the three orders)",
      (e) => e.accuracy.positionVariation,
    ),
    ...row("order-agreement", "same winner in both orders", (e) => e.accuracy.orderAgreement),
    ...row("first-wins", "first response wins", (e) => e.accuracy.firstWins),
    ...row("parse-failures", "judgements that could not be read", (e) => e.accuracy.parseFailureRate),
    ...row(
      "rubric-faults",
      "rubrics that break the form",
      (e) => e.accuracy.rubricFaults / e.accuracy.judgements,
    ),
    ...row("rubric-precision", "precision of the true principles", (e) => e.sandbox?.rubrics.precision),
    ...row("rubric-recall", "recall of the true principles", (e) => e.sandbox?.rubrics.recall),
    ...row("rules-kept", "rules of the request stated in the rubric", (e) => e.sandbox?.rubrics.rulesKept),
    ...row("verdicts-rules", "right verdicts on rules", (e) => e.sandbox?.verdicts.rules),
    ...row("verdicts-principles", "right verdicts on principles", (e) => e.sandbox?.verdicts.principles),
    ...row(
      "accuracy-oracle-rubric",
      "accuracy with the true rubric",
      (e) => e.sandbox?.oracleRubric?.accuracy,
    ),
    ...row(
      "accuracy-static-rubric",
      "accuracy with a generic rubric",
      (e) => e.sandbox?.staticRubric?.accuracy,
    ),
  ];
}

function estimate(value: number | Interval | null | undefined) {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? { value } : undefined;
  return { value: value.value, low: value.low, high: value.high };
}

function charts({ metrics, before }: ArmRunFacts): LineChart[] {
  const ofKind = (kind: string) => metrics.filter((record) => record["kind"] === kind);
  const series = (kind: string, field: string, name: string) => ({
    name,
    points: ofKind(kind).flatMap((record) =>
      typeof record[field] === "number" ? [{ x: record["step"] as number, value: record[field] }] : [],
    ),
  });
  const spans = phaseSpans(metrics);
  const chart = (
    title: string,
    format: LineChart["format"],
    lines: readonly ReturnType<typeof series>[],
    more: Partial<LineChart> = {},
  ): LineChart[] => {
    const drawn = lines.filter((line) => line.points.length > 0);
    return drawn.length === 0 ? [] : [{ title, xLabel: "step", format, series: drawn, spans, ...more }];
  };
  const watching = ofKind("evaluation").map((record) => ({
    x: record["step"] as number,
    value: record["accuracy"] as number,
    low: record["accuracyLow"] as number,
    high: record["accuracyHigh"] as number,
  }));
  const start = before.accuracy.accuracy;
  return [
    ...chart("Accuracy on watching pairs", "percent", [{ name: "accuracy", points: watching }], {
      ...(start && { references: [{ label: "before training", value: start.value }] }),
    }),
    ...chart("Rubric quality on watching pairs", "percent", [
      series("evaluation", "rubricPrecision", "precision"),
      series("evaluation", "rubricRecall", "recall"),
    ]),
    ...chart("Position bias on watching pairs", "percent", [
      series("evaluation", "firstWins", "first response wins"),
      series("evaluation", "orderAgreement", "same winner in both orders"),
    ]),
    ...chart("Reward", "number", [
      series("judge", "rewardMean", "judge"),
      series("generator", "rewardMean", "generator"),
    ]),
    ...chart("Form kept in rollouts", "percent", [
      series("judge", "formatRate", "judge"),
      series("generator", "formatRate", "generator"),
    ]),
    ...chart("KL to the warm-up policy, per token", "number", [
      series("judge", "kl", "judge"),
      series("generator", "kl", "generator"),
    ]),
    ...chart("Completion length in tokens", "number", [
      series("judge", "completionLength", "judge"),
      series("generator", "completionLength", "generator"),
    ]),
    ...chart(
      "Largest difference between sampler and trainer logprobs",
      "number",
      [series("judge", "samplerTrainerGap", "judge"), series("generator", "samplerTrainerGap", "generator")],
      { references: [{ label: "bar", value: 1e-3 }] },
    ),
  ];
}

/** Stretches of steps in which the same model was trained. */
function phaseSpans(metrics: readonly MetricsRecord[]): NonNullable<LineChart["spans"]> {
  const spans: { from: number; to: number; label: string }[] = [];
  for (const { kind, step, round } of metrics) {
    if (kind !== "judge" && kind !== "generator") continue;
    const label = `${kind} ${round}`;
    const last = spans.at(-1);
    if (last?.label === label) last.to = step as number;
    else spans.push({ from: (step as number) - 1, to: step as number, label });
  }
  // Steps in turn would give a stripe each, which tells nothing.
  return spans.length > 40 ? [] : spans;
}

function tables({ recipe, before, after }: ArmRunFacts): ReportTable[] {
  if (!after.sandbox || !before.sandbox) return [];
  const old = new Map(before.sandbox.verdicts.cells.map((cell) => [`${cell.criterion} ${cell.truth}`, cell]));
  const percent = (share: number | null | undefined) =>
    share === null || share === undefined || Number.isNaN(share) ? "–" : (100 * share).toFixed(1);
  const bounds = sandboxBounds(worldPairs(recipe.seed, "bounds", BOUND_PAIRS, HELD_OUT_PAIRS), recipe.seed);
  const [head, ...rows] = formatBounds(bounds)
    .split("\n")
    .map((line) => line.split(/ {2,}/));
  return [
    {
      title: "What rule-based readers reach, without any training",
      columns: head!,
      rows,
      caption:
        "Better rubrics alone stop near the last column's biased reader, a better judge alone near the teacher's rubric: both must improve.",
    },
    {
      title: "Right verdicts of the judge, percent",
      columns: ["criterion", "truth", "before", "after", "verdicts"],
      rows: after.sandbox.verdicts.cells.map((cell) => [
        cell.criterion,
        cell.truth ? "yes" : "no",
        percent(old.get(`${cell.criterion} ${cell.truth}`)?.right),
        percent(cell.right),
        cell.verdicts,
      ]),
      caption:
        "A judge that sees violations as seldom as they occur would have a high average and low “no” rows.",
    },
  ];
}

const BOUND_PAIRS = 2000;

function examples(before: ArmEvaluation, after: ArmEvaluation): ReportExample[] {
  return after.examples.flatMap((example, i) => {
    const old = before.examples[i];
    if (old?.pairId !== example.pairId) return [];
    const verdict = ({ rubric, judgement, winner }: typeof example) => ({ rubric, judgement, winner });
    return [
      {
        title: `Pair ${example.pairId}`,
        prompt: example.prompt,
        responseA: example.chosen,
        responseB: example.rejected,
        preferred: "A" as const,
        before: verdict(old),
        after: verdict(example),
      },
    ];
  });
}
