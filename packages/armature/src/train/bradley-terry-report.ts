import { LONGER } from "../bench/bench-scorer.ts";
import type { BradleyTerryRecipe } from "../config/bradley-terry-recipe.ts";
import { lastUserTurn, type PreferencePair } from "../data/prompt.ts";
import { bootstrapDifference, bootstrapMean, type Interval } from "../evaluation/bootstrap.ts";
import type { Estimate, LineChart, Report, ReportTable, SummaryRow } from "../run/report.ts";
import type { MetricsRecord } from "../run/run-directory.ts";
import { runFacts, SANDBOX_LIMIT } from "../run/run-facts.ts";
import { pairRights, type ScoreEvaluation } from "./bradley-terry-evaluation.ts";
import type { RunPairs } from "./run-pairs.ts";

export interface BradleyTerryRunFacts {
  readonly recipe: BradleyTerryRecipe;
  readonly data: RunPairs;
  readonly metrics: readonly MetricsRecord[];
  readonly before: ScoreEvaluation;
  readonly after: ScoreEvaluation;
  /** Step whose checkpoint did best on the watching pairs. */
  readonly bestStep: number;
  readonly startedAt: string;
}

/** What a finished run tells: held-out accuracy against the longer response's, curves, the worst mistakes, limits. */
export async function bradleyTerryReport(facts: BradleyTerryRunFacts): Promise<Report> {
  const { recipe, data } = facts;
  return {
    title: "Bradley–Terry reward model",
    lead: `A transformer with a scalar head, trained on ${data.train.length} preference pairs (${recipe.epochs} epochs of ${recipe.pairsPerBatch} pairs a step), measured on ${data.heldOut.length} held-out pairs.`,
    summary: await summaryRows(facts),
    charts: charts(facts),
    tables: [worstMistakes(facts)],
    examples: [],
    notes: [
      ...data.notes,
      "A pair is right where the chosen response has the higher score; equal scores are wrong.",
      data.watching.length > 0
        ? `The checkpoint of step ${facts.bestStep} was chosen on ${data.watching.length} other pairs.`
        : "The last checkpoint is measured; no pairs were set aside to choose one.",
      ...(data.truths ? [SANDBOX_LIMIT] : []),
    ],
    facts: runFacts(recipe, facts.startedAt),
  };
}

async function summaryRows({ recipe, data, before, after }: BradleyTerryRunFacts): Promise<SummaryRow[]> {
  const settings = { seed: recipe.seed, resamples: recipe.evaluation.bootstrapSamples };
  const change = bootstrapDifference(pairRights(before.scores), pairRights(after.scores), settings);
  const row = (
    name: string,
    label: string,
    pick: (evaluation: ScoreEvaluation) => Interval | null | undefined,
  ): SummaryRow[] => {
    const [was, is] = [pick(before), pick(after)];
    return is
      ? [{ name, label, format: "percent", ...(was && { before: bounds(was) }), after: bounds(is) }]
      : [];
  };
  const longer = bootstrapMean(await Promise.all(data.heldOut.map(longerIsRight)), settings);
  const numbers = (name: string, label: string, of: string): SummaryRow => ({
    ...{ name, label, format: "number" },
    before: { value: before.metrics[of]! },
    after: { value: after.metrics[of]! },
  });
  return [
    ...row("accuracy", "held-out pairs in the right order", (e) => e.accuracy).map((found) => ({
      ...found,
      ...(change && { change: bounds(change) }),
    })),
    ...row("accuracy-hard", "of them pairs in which a rule may be broken", (e) => e.byKind?.hard),
    ...row("accuracy-principle", "of them pairs in which both keep all rules", (e) => e.byKind?.principle),
    ...(longer
      ? [
          {
            ...{ name: "accuracy-length", label: "the longer response is the chosen one" },
            format: "percent" as const,
            after: bounds(longer),
            note: "what a model that reads nothing gets",
          },
        ]
      : []),
    numbers("loss", "loss per pair, nats", "loss"),
    numbers("difference", "score of chosen less rejected", "difference"),
    numbers("chosen", "score of chosen responses", "chosen"),
  ];
}

async function longerIsRight({ prompt, chosen, rejected }: PreferencePair): Promise<readonly number[]> {
  const [better, worse] = [await LONGER.score(prompt, chosen), await LONGER.score(prompt, rejected)];
  return [Number(better.value! > worse.value!)];
}

function bounds({ value, low, high }: Interval): Estimate {
  return { value, low, high };
}

function charts({ metrics, before }: BradleyTerryRunFacts): LineChart[] {
  const points = (kind: string, field: string) =>
    metrics.flatMap((record) =>
      record["kind"] === kind && typeof record[field] === "number"
        ? [{ x: record["step"] as number, value: record[field] }]
        : [],
    );
  const watching = metrics
    .filter(({ kind }) => kind === "evaluation")
    .map((record) => ({
      x: record["step"] as number,
      value: record["accuracy"] as number,
      low: record["accuracyLow"] as number,
      high: record["accuracyHigh"] as number,
    }));
  const start = before.accuracy;
  return [
    {
      ...{ title: "Accuracy", xLabel: "step", format: "percent" },
      series: [
        { name: "watching pairs", points: watching },
        { name: "training batch", points: points("bradley-terry", "accuracy") },
      ].filter((series) => series.points.length > 0),
      ...(start && { references: [{ label: "held-out, before training", value: start.value }] }),
    },
    {
      ...{ title: "Loss per pair, with margin, centring and prior", xLabel: "step", format: "number" },
      series: [{ name: "training batch", points: points("bradley-terry", "loss") }],
    },
    {
      ...{ title: "Score of chosen less rejected", xLabel: "step", format: "number" },
      series: [{ name: "training batch", points: points("bradley-terry", "difference") }],
      caption: "Without a prior or a margin nothing bounds the scale of scores.",
    },
  ];
}

const MISTAKES = 5;

function worstMistakes({ data, after }: BradleyTerryRunFacts): ReportTable {
  const pairs = new Map(data.heldOut.map((pair) => [pair.id, pair]));
  const worst = [...after.scores]
    .filter(({ chosen, rejected }) => chosen <= rejected)
    .sort((a, b) => a.chosen - a.rejected - (b.chosen - b.rejected))
    .slice(0, MISTAKES);
  const short = (text: string) => (text.length > 240 ? `${text.slice(0, 240)} …` : text);
  return {
    title: "Held-out pairs in the wrong order, the surest first",
    columns: ["prompt", "chosen", "score", "rejected", "score"],
    rows: worst.map(({ pairId, chosen, rejected }) => {
      const pair = pairs.get(pairId)!;
      return [
        short(lastUserTurn(pair.prompt)),
        ...[short(pair.chosen), chosen.toFixed(2)],
        ...[short(pair.rejected), rejected.toFixed(2)],
      ];
    }),
  };
}
