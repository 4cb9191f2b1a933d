import {
  cohenKappa,
  fleissKappa,
  type ItemRatings,
  krippendorffAlpha,
  percentAgreement,
} from "../../evaluation/agreement.ts";
import { bootstrapMean, type Interval } from "../../evaluation/bootstrap.ts";
import type { FailureKind } from "../../failure.ts";
import type { CriterionVerdict, RatingVerdict } from "../../judge/criterion-verdict.ts";
import type { JudgementRow } from "../../judge/judgement-row.ts";
import { type UsageReport, usageLine } from "../../llm/usage-report.ts";
import { type HealthBenchScore, healthBenchScore } from "../../reward/healthbench-set.ts";
import { durationText } from "../../run/progress.ts";
import { estimateText, numberText } from "../../run/report-number.ts";
import { printTable } from "../print-table.ts";

/** Counts of verdicts and scores of one writer, or of all. */
export interface JudgingCounts {
  readonly responses: number;
  /** Mean score with its interval over prompts; null where nothing has a score. */
  readonly score: Interval | null;
  readonly withoutScore: number;
  readonly coverage: number;
  readonly verdicts: {
    readonly scored: number;
    readonly abstained: number;
    readonly failed: Readonly<Partial<Record<FailureKind, number>>>;
    /** Of the scored ones: read from probabilities. */
    readonly fromProbabilities: number;
  };
}

/** Agreement of a panel's members over all criteria or ratings; null where a statistic says nothing. */
export interface PanelAgreement {
  readonly judges: number;
  readonly items: number;
  readonly percent: number | null;
  /** Cohen's for two judges, Fleiss' for more; over the items that all judged. */
  readonly kappa: number | null;
  readonly krippendorffAlpha: number | null;
}

/** HealthBench's numbers about all examples, and about the criteria of each tag. */
export interface HealthBenchSummary extends HealthBenchScore {
  readonly tags: Readonly<Record<string, HealthBenchScore>>;
}

/** What a judging came to. */
export interface JudgingSummary {
  readonly all: JudgingCounts;
  /** By the response's writer, where rows name several. */
  readonly byModel: Readonly<Record<string, JudgingCounts>>;
  readonly healthBench: HealthBenchSummary | null;
  readonly panel: PanelAgreement | null;
  readonly usage: UsageReport;
  readonly seconds: number;
}

/** Sums up judged rows. */
export function judgingSummary(
  rows: readonly JudgementRow[],
  usage: UsageReport,
  seconds: number,
  seed: number,
): JudgingSummary {
  const writers = [...new Set(rows.flatMap(({ model }) => model ?? []))];
  const counted = (some: readonly JudgementRow[]) => countsOf(some, seed);
  return {
    all: counted(rows),
    byModel:
      writers.length < 2
        ? {}
        : Object.fromEntries(
            writers.map((writer) => [writer, counted(rows.filter(({ model }) => model === writer))]),
          ),
    healthBench: healthBenchSummary(rows, seed),
    panel: panelAgreement(rows),
    usage,
    seconds,
  };
}

function countsOf(rows: readonly JudgementRow[], seed: number): JudgingCounts {
  const verdicts: (CriterionVerdict | RatingVerdict)[] = rows.flatMap((row) => [
    ...row.verdicts,
    ...(row.rating === null ? [] : [row.rating]),
  ]);
  const failed: Partial<Record<FailureKind, number>> = {};
  for (const verdict of verdicts)
    if (verdict.status === "failed") failed[verdict.kind] = (failed[verdict.kind] ?? 0) + 1;
  const byPrompt = new Map<string, number[]>();
  for (const { id, score } of rows)
    byPrompt.set(id, [...(byPrompt.get(id) ?? []), ...(score === null ? [] : [score])]);
  return {
    responses: rows.length,
    score: bootstrapMean([...byPrompt.values()], { seed }),
    withoutScore: rows.filter(({ score }) => score === null).length,
    coverage: rows.reduce((sum, { coverage }) => sum + coverage, 0) / Math.max(1, rows.length),
    verdicts: {
      scored: verdicts.filter(({ status }) => status === "scored").length,
      abstained: verdicts.filter(({ status }) => status === "abstained").length,
      failed,
      fromProbabilities: verdicts.filter((one) => "probability" in one).length,
    },
  };
}

/** Null for another aggregation, and where no example has a score. */
function healthBenchSummary(rows: readonly JudgementRow[], seed: number): HealthBenchSummary | null {
  if (rows[0]?.aggregate !== "healthbench") return null;
  const whole = healthBenchScore(
    rows.map(({ score }) => score),
    { seed },
  );
  const tags = [...new Set(rows.flatMap(({ tagScores }) => Object.keys(tagScores ?? {})))].sort();
  const scoreOn = (tag: string) => {
    const score = healthBenchScore(
      rows.flatMap(({ tagScores }) => (tagScores !== undefined && tag in tagScores ? [tagScores[tag]!] : [])),
      { seed },
    );
    return score === null ? [] : [[tag, score] as const];
  };
  return whole === null ? null : { ...whole, tags: Object.fromEntries(tags.flatMap(scoreOn)) };
}

function panelAgreement(rows: readonly JudgementRow[]): PanelAgreement | null {
  const items: ItemRatings[] = rows.flatMap(({ panel }) => {
    if (panel === undefined) return [];
    return (panel[0] ?? []).map((_, criterion) => panel.map((member) => member[criterion] ?? null));
  });
  const judges = items[0]?.length ?? 0;
  if (judges < 2) return null;
  const complete = items.filter((item) => item.every((value) => value !== null));
  const degrees = items.flat().some((value) => value !== null && value !== 0 && value !== 1);
  return {
    judges,
    items: items.length,
    percent: percentAgreement(items),
    kappa: judges === 2 ? cohenKappa(items) : fleissKappa(complete),
    krippendorffAlpha: krippendorffAlpha(items, degrees ? "interval" : "nominal"),
  };
}

/** The summary as a table for a terminal. */
export function printSummary(summary: JudgingSummary): string {
  const { all, byModel, healthBench, panel, usage, seconds } = summary;
  const writers = Object.entries(byModel);
  const lines = [
    ["", "responses", "mean score", "no score", "coverage"],
    ["all", ...countCells(all)],
  ];
  const table = printTable([...lines, ...writers.map(([name, counts]) => [name, ...countCells(counts)])]);
  const { scored, abstained, failed, fromProbabilities } = all.verdicts;
  const kinds = Object.entries(failed).map(([kind, count]) => `${count} ${kind}`);
  const calls = usage.total.usage.calls;
  return [
    table,
    `verdicts: ${scored} scored, ${abstained} abstained, ${kinds.length === 0 ? "none failed" : `failed: ${kinds.join(", ")}`}`,
    ...(fromProbabilities > 0
      ? [`probabilities: ${fromProbabilities} of ${scored} verdicts, the others from booleans`]
      : []),
    ...(healthBench === null
      ? []
      : [
          `HealthBench: ${numberText(healthBench.score, "number")} (mean clipped to 0 … 1), bootstrap deviation ${numberText(healthBench.bootstrapStd, "number")}`,
          ...Object.entries(healthBench.tags).map(
            ([tag, { score, examples }]) => `  ${tag}: ${numberText(score, "number")} of ${examples}`,
          ),
        ]),
    ...(panel === null ? [] : [panelLine(panel)]),
    `models: ${usageLine(usage)}`,
    `time: ${durationText(seconds)}, ${seconds > 0 ? Number((calls / seconds).toPrecision(3)) : 0} calls/s`,
  ].join("\n");
}

function countCells({ responses, score, withoutScore, coverage }: JudgingCounts): string[] {
  return [
    String(responses),
    score === null ? "none" : scoreText(score),
    String(withoutScore),
    numberText(coverage, "percent"),
  ];
}

/** One prompt says nothing about the others: no interval. */
function scoreText(score: Interval): string {
  return score.clusters > 1 ? estimateText(score, "number") : numberText(score.value, "number");
}

function panelLine({ judges, items, percent, kappa, krippendorffAlpha: alpha }: PanelAgreement): string {
  const value = (number: number | null) => (number === null ? "n/a" : numberText(number, "number"));
  const share = percent === null ? "n/a" : numberText(percent, "percent");
  return `panel: ${judges} judges agree on ${share} of ${items} items; ${judges === 2 ? "Cohen's" : "Fleiss'"} kappa ${value(kappa)}, Krippendorff's alpha ${value(alpha)}`;
}
