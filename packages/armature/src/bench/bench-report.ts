import type { Interval } from "../evaluation/bootstrap.ts";
import type { Calibration, ReliabilityBin } from "../evaluation/calibration.ts";
import { usageLine } from "../llm/usage-report.ts";
import type { LineChart, Report, ReportTable, SummaryRow } from "../run/report.ts";
import { estimateText, numberText } from "../run/report-number.ts";
import { runVersions } from "../run/run-identity.ts";
import type { BenchResult } from "./bench-result.ts";
import type { BenchSuite } from "./bench-suite.ts";

/** A result as a page. `itemsOfFiles` tells how many items the files have where only some were judged. */
export function benchReport(suite: BenchSuite, result: BenchResult, itemsOfFiles = result.items): Report {
  const { average, calibration, coverage, usage } = result;
  return {
    title: `${suite.title}: ${result.scorer}`,
    lead: `${result.items}${itemsOfFiles === result.items ? "" : ` of ${itemsOfFiles}`} items, ${result.comparisons} comparisons of a better response with a worse one. Intervals are 95 % bootstrap; ties and unreadable verdicts count as wrong.`,
    summary: [
      ...(average === null ? [] : [share("average", "the suite's average", average, average.what)]),
      ...positionSummary(result),
      ...(result.agreement?.scorer == null
        ? []
        : [
            {
              name: "kappa",
              label: "agreement with an annotator (Cohen's κ)",
              format: "number" as const,
              after: { value: result.agreement.scorer },
              note: `between annotators: Krippendorff's α ${numberText(result.agreement.alpha ?? Number.NaN, "number")}, Fleiss' κ ${numberText(result.agreement.fleiss ?? Number.NaN, "number")}`,
            },
          ]),
      ...(calibration === null
        ? []
        : [
            {
              name: "ece",
              label: "expected calibration error",
              format: "number" as const,
              after: { value: calibration.ece },
              note: `Brier score ${numberText(calibration.brier, "number")}; 0.25 is what a constant one half gets`,
            },
          ]),
    ],
    charts: calibration === null ? [] : [reliabilityChart(calibration)],
    tables: [groupTable(result), ...voteTables(result)],
    examples: [],
    notes: [
      `Ties: ${result.ties}. Unreadable: ${result.parseFailures}. Not judged and left out: ${result.unjudged}.`,
      ...Object.entries(result.failures).map(
        ([kind, { count, first }]) => `Failed, ${kind}: ${count}; the first: ${first}`,
      ),
      ...(coverage === null || coverage === 1
        ? []
        : [`Of the rubrics' weight ${numberText(coverage, "percent")} was judged.`]),
      ...leftOutNotes(result),
      ...overlapNotes(result),
    ],
    facts: [
      { label: "scorer", value: result.scorer },
      { label: "files", value: result.files.join(", ") },
      { label: "seconds per 100 items", value: numberText(result.secondsPer100, "number") },
      ...(usage === null ? [] : [{ label: "language models", value: usageLine(usage) }]),
      { label: "seed", value: String(result.seed) },
      ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
    ],
  };
}

function positionSummary({ position }: BenchResult): readonly SummaryRow[] {
  if (position === null) return [];
  const rows: readonly (readonly [string, string, Interval | null])[] = [
    ["given", "chosen response shown first", position.given],
    ["swapped", "chosen response shown second", position.swapped],
    ["mixed", "order drawn by a coin", position.mixed],
  ];
  return [
    ...rows.flatMap(([name, label, interval]) => (interval === null ? [] : [share(name, label, interval)])),
    ...(position.positionVariation === null
      ? []
      : [share("position-variation", "position variation", { value: position.positionVariation })]),
    ...(position.firstWins === null
      ? []
      : [share("first-wins", "verdicts for the response shown first", { value: position.firstWins })]),
  ];
}

function share(name: string, label: string, after: SummaryRow["after"], note?: string): SummaryRow {
  const { value, low, high } = after;
  const estimate = low === undefined || high === undefined ? { value } : { value, low, high };
  return { name, label, format: "percent", after: estimate, ...(note !== undefined && { note }) };
}

function groupTable({ groups }: BenchResult): ReportTable {
  return {
    title: "By group",
    columns: ["group", "n", "accuracy"],
    rows: groups.map(({ name, count, accuracy }) => [name, String(count), estimateText(accuracy, "percent")]),
  };
}

function voteTables({ votes }: BenchResult): readonly ReportTable[] {
  if (votes === null) return [];
  return [
    {
      title: "By votes",
      columns: ["votes", "the suite's average"],
      rows: votes.map(({ k, ...average }) => [`first ${k}`, estimateText(average, "percent")]),
    },
  ];
}

function reliabilityChart({ bins }: Calibration): LineChart {
  const filled = bins.filter(({ count }) => count > 0);
  const point = ({ meanProbability, frequency }: ReliabilityBin) => ({
    x: meanProbability!,
    value: frequency!,
  });
  return {
    title: "Reliability",
    xLabel: "probability that a response is the better one, by the scorer",
    format: "percent",
    series: [
      { name: "how often it is", points: filled.map(point) },
      { name: "perfectly calibrated", points: filled.map((bin) => ({ ...point(bin), value: point(bin).x })) },
    ],
    caption: "Each comparison counts from both sides, so the curve is symmetric about one half.",
  };
}

function leftOutNotes({ leftOut }: BenchResult): string[] {
  const parts = Object.entries(leftOut).map(([reason, count]) => `${count} ${reason}`);
  return parts.length === 0 ? [] : [`Rows left out: ${parts.join(", ")}.`];
}

function overlapNotes({ overlap }: BenchResult): string[] {
  if (overlap === null) return ["Contamination was not checked: name the training files with --training."];
  const { samePrompt, samePair, train, test, examples } = overlap;
  if (samePrompt === 0) return [`None of the ${test} prompts stands in the ${train} training pairs.`];
  const where = examples.map(([training, own]) => `${own} in ${training}`).join("; ");
  return [
    `Contaminated: ${samePrompt} of ${test} items have a prompt of the training data, ${samePair} of them the same responses (${where}).`,
  ];
}
