import {
  curveOfRuns,
  RESPONSE_VALUES,
} from "../../packages/armature/src/policy/evaluation/evaluation-values.ts";
import {
  curveEstimates,
  type TurningPoint,
  turningPoint,
} from "../../packages/armature/src/policy/evaluation/over-optimisation.ts";
import type { ChartPoint, LineChart, Report, ReportTable } from "../../packages/armature/src/run/report.ts";
import { changeText, estimateText, numberText } from "../../packages/armature/src/run/report-number.ts";
import { runVersions } from "../../packages/armature/src/run/run-identity.ts";
import type { RewardStudy } from "./best-of-n.ts";
import type { TailExperiment } from "./experiment.ts";

const SETTINGS = { seed: 0, resamples: 1000 };

/** What training with one reward did, over seeds and prompts. */
export interface RewardCurves {
  readonly reward: string;
  readonly winRate: readonly ChartPoint[];
  readonly trueReward: readonly ChartPoint[];
  readonly validNotes: readonly ChartPoint[];
  readonly proxy: readonly ChartPoint[];
  readonly kl: readonly ChartPoint[];
  /** Of the true win rate over steps; null where nothing was measured. */
  readonly turning: TurningPoint | null;
}

/** The curves of every reward. */
export function rewardCurves({ policies }: TailExperiment): readonly RewardCurves[] {
  return [...policies].map(([reward, runs]) => {
    const estimates = (name: keyof typeof RESPONSE_VALUES) =>
      curveEstimates(curveOfRuns(runs, RESPONSE_VALUES[name]), SETTINGS);
    return {
      reward,
      winRate: estimates("winRate"),
      trueReward: estimates("trueReward"),
      validNotes: estimates("validNotes"),
      proxy: estimates("proxy"),
      kl: estimates("kl"),
      turning: turningPoint(curveOfRuns(runs, RESPONSE_VALUES.winRate), SETTINGS),
    };
  });
}

/** The experiment's report. */
export function tailExperimentReport(
  experiment: TailExperiment,
  curves: readonly RewardCurves[],
  studies: readonly RewardStudy[],
): Report {
  const seeds = [...experiment.policies.values()][0]!.length;
  return {
    title: "Who over-optimises",
    lead: `A nano policy trained without KL term by GRPO with rubrics of five makes and with a Bradley-Terry model, ${seeds} seeds each, measured on held-out requests of the sandbox against the policy that all started from. Bands and intervals are 95 % bootstrap intervals over seeds and prompts.`,
    summary: [],
    charts: [
      chart("True win rate against the base policy", "percent", curves, ({ winRate }) => winRate),
      chart("The reward itself, from its start (0) to its highest mean (1)", "number", curves, ({ proxy }) =>
        rescaled(proxy),
      ),
      chart("True reward of valid notes", "number", curves, ({ trueReward }) => trueReward),
      chart("Texts that are notes for their request", "percent", curves, ({ validNotes }) => validNotes),
      bestOfNChart(studies),
    ],
    tables: [turningTable(curves), rubricTable(experiment), accuracyTable(studies), bestOfNTable(studies)],
    examples: [],
    notes: [
      "The refiner is a scripted proposer: it sees two responses and which one an expert with the truth prefers, wrong in one case in ten, and never the truth itself.",
      "Verdicts come from a program that looks for phrases wherever they stand. A text that says everything meets all that a rubric asks for and is, in truth, no note: it loses every comparison.",
      "The first rubrics name three plausible qualities of which none counts: the experiment asks what refinement repairs, not how wrong rubrics are in practice.",
      "Rubrics and the scalar model were made once; seeds differ in sampling, batches and order.",
    ],
    facts: Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
  };
}

function chart(
  title: string,
  format: LineChart["format"],
  curves: readonly RewardCurves[],
  pointsOf: (curve: RewardCurves) => readonly ChartPoint[],
): LineChart {
  const series = curves.map((curve) => ({ name: curve.reward, points: pointsOf(curve) }));
  return { title, xLabel: "step", format, series };
}

function rescaled(points: readonly ChartPoint[]): ChartPoint[] {
  const start = points[0]?.value ?? 0;
  const range = Math.max(...points.map(({ value }) => value)) - start || 1;
  return points.map(({ x, value }) => ({ x, value: (value - start) / range }));
}

function turningTable(curves: readonly RewardCurves[]): ReportTable {
  return {
    title: "Where the true win rate turns down",
    columns: [
      ...["reward", "start", "top", "step of the top", "end", "fall from the top", "turns down"],
      ...["KL at the end, nats", "the reward itself"],
    ],
    rows: curves.map(({ reward, winRate, proxy, kl, turning }) => [
      reward,
      percent(winRate[0]),
      turning === null ? "n/a" : numberText(turning.top, "percent"),
      turning === null ? "n/a" : estimateText(turning.x, "number"),
      percent(winRate.at(-1)),
      turning === null ? "n/a" : changeText(negated(turning.fall), "percent"),
      turning?.turns ? "yes" : "no",
      number(kl.at(-1)),
      `${number(proxy[0])} → ${number(proxy.at(-1))}`,
    ]),
    caption:
      "The top is the largest mean over seeds and prompts; its fall to the end is measured on prompts that did not choose it. It turns down where the interval of the fall lies below 0.",
  };
}

const negated = ({ value, low, high }: TurningPoint["fall"]) => ({ value: -value, low: -high, high: -low });
const percent = (point: ChartPoint | undefined) =>
  point === undefined ? "n/a" : estimateText(point, "percent");
const number = (point: ChartPoint | undefined) =>
  point === undefined ? "n/a" : numberText(point.value, "number");

function rubricTable({ rubrics }: TailExperiment): ReportTable {
  return {
    title: "The rubrics",
    columns: ["condition", "qualities that count, of 2", "ask for a note at all"],
    rows: rubrics.map(({ condition, valued, askForNote }) => [
      condition,
      numberText(valued, "number"),
      numberText(askForNote, "percent"),
    ]),
    caption: "Means over all 1,600 requests.",
  };
}

function accuracyTable(studies: readonly RewardStudy[]): ReportTable {
  const cell = (interval: { value: number; low: number; high: number } | null) =>
    interval === null ? "n/a" : estimateText(interval, "percent");
  return {
    title: "How often each reward orders two responses as the truth does",
    columns: [
      "reward",
      "the best quarter",
      "the rest",
      "one of each",
      "all",
      "the strong policy's responses",
    ],
    rows: studies.map(({ reward, study: { accuracy }, onGreat }) => [
      reward,
      ...[accuracy.high, accuracy.low, accuracy.across, accuracy.all, onGreat].map(cell),
    ]),
    caption:
      "64 responses of the base policy and 8 of the strong one to each of 100 held-out prompts; equal rewards count as wrong, equal truths are left out.",
  };
}

function bestOfNChart(studies: readonly RewardStudy[]): LineChart {
  return {
    title: "True win rate of the best of n by each reward",
    xLabel: "KL to the base policy, nats",
    format: "percent",
    series: studies.map(({ reward, study }) => ({
      name: reward,
      points: study.bestOfN.map(({ kl, measured: { value, low, high } }) => ({ x: kl, value, low, high })),
    })),
  };
}

function bestOfNTable(studies: readonly RewardStudy[]): ReportTable {
  const sizes = studies[0]?.study.bestOfN ?? [];
  return {
    title: "Best of n: measured, and predicted from the other half of the prompts",
    columns: ["reward", ...sizes.map(({ n, kl }) => `n ${n}, KL ${numberText(kl, "number")}`)],
    rows: studies.map(({ reward, study }) => [
      reward,
      ...study.bestOfN.map(({ measured }, i) => {
        const predicted = study.heldOut?.points[i]?.predicted ?? Number.NaN;
        return `${estimateText(measured, "percent")}; ${numberText(predicted, "percent")}`;
      }),
    ]),
    caption: "KL = ln n − (n − 1) / n. The prediction is the tail theory's, from the estimated map of ranks.",
  };
}
