import type { Interval } from "../evaluation/bootstrap.ts";
import type { ChartPoint, LineChart, Report, ReportTable } from "../run/report.ts";
import { estimateText, numberText } from "../run/report-number.ts";
import { runVersions } from "../run/run-identity.ts";
import {
  CORRECT,
  type MisspecificationMap,
  REVERSED,
  topRightEnvelope,
  topWrong,
  worstWrong,
} from "./misspecification-map.ts";
import type { TailStudy } from "./tail-empirical.ts";
import { betasUpToKl, tailCurve, tailKl, tailWinRate } from "./tail-theory.ts";

/** Theorem 1 as numbers: KL and win rate of each map at each β. */
export interface TailTheory {
  readonly betas: readonly number[];
  readonly kl: readonly number[];
  readonly winRates: readonly { readonly map: string; readonly values: readonly number[] }[];
}

const MAPS = [CORRECT, REVERSED, topWrong(0.1), topWrong(0.25), topWrong(0.5), worstWrong(0.5)];
const ENVELOPES = [0.1, 0.2, 0.4, 0.6, 1].map(topRightEnvelope);
const BETAS = [1, 0.5, 0.25, 0.1, 0.05, 0.02];
const HIGHEST_KL = 4;
const CITATION = "Chasing the Tail (arXiv 2509.21500), theorem 1";

/** The closed forms over a list of β. */
export function tailTheory(betas: readonly number[] = BETAS): TailTheory {
  return {
    betas,
    kl: betas.map(tailKl),
    winRates: [...MAPS, ...ENVELOPES].map((map) => ({
      map: map.name,
      values: betas.map((beta) => tailWinRate(map, beta)),
    })),
  };
}

/** The curves of the paper's figures 2a and 2b and their values. */
export function tailTheoryReport(theory: TailTheory): Report {
  return {
    title: "What a misspecified reward does to a policy",
    lead: `Win rate against KL of the policy ∝ π₀·exp(proxy / β), by how the proxy misorders responses (${CITATION}). Nothing is measured here: rewards are ranks, and the maps are known.`,
    summary: [],
    charts: [
      curves("Win rate by map (figure 2a)", MAPS),
      curves("Lowest win rate when the top share is right (figure 2b)", ENVELOPES),
    ],
    tables: [
      {
        title: "Values",
        columns: ["", ...theory.betas.map((beta) => `β ${beta}`)],
        rows: [
          ["KL", ...theory.kl.map((kl) => kl.toFixed(6))],
          ...theory.winRates.map(({ map, values }) => [map, ...values.map((value) => value.toFixed(6))]),
        ],
      },
    ],
    examples: [],
    notes: [
      "A wrong top lets the win rate rise and then fall as KL grows: over-optimisation. A wrong bottom costs little.",
      "The theorem takes gold ranks as uniform and the proxy as a function of gold that keeps ranks uniform.",
    ],
    facts: facts([]),
  };
}

/** What scores of real responses show. */
export function tailStudyReport(
  study: TailStudy,
  source: {
    readonly file: string;
    readonly unscored: number;
    readonly tooFew: number;
    readonly seed: number;
  },
): Report {
  const { accuracy, bestOfN, curve, fewestResponses } = study;
  const topShare = numberText(accuracy.topShare, "percent");
  const bestPoints = bestOfN.map(({ kl, measured }) => point(kl, measured));
  return {
    title: "Where the proxy reward misorders responses",
    lead: `Proxy and gold scores of ${study.responses} responses to ${study.prompts} prompts: the misspecification map, and what training on the proxy would do (${CITATION}).`,
    summary: [
      accuracyRow("high", `accuracy among the best ${topShare} by gold`, accuracy.high),
      accuracyRow("low", "accuracy among the others", accuracy.low),
      accuracyRow("all", "accuracy over all pairs", accuracy.all),
    ].flat(),
    charts: [
      {
        title: "Misspecification map",
        xLabel: "rank by the proxy",
        format: "number",
        series: [
          {
            name: "gold rank",
            points: study.map.map(({ proxyRank, goldRank }) => point(proxyRank, goldRank)),
          },
          { name: "a correct proxy", points: study.map.map(({ proxyRank: x }) => ({ x, value: x })) },
        ],
        caption: "Mean rank by gold of the responses at each rank by the proxy, both within their prompt.",
      },
      {
        title: "Win rate against KL",
        xLabel: "KL to the reference, nats",
        format: "percent",
        series: [
          {
            name: "predicted for the tilted policy",
            points: curve.map(({ kl, winRate }) => point(kl, winRate)),
          },
          { name: "best of n, measured", points: bestPoints },
          {
            name: "best of n, predicted",
            points: bestOfN.map(({ kl: x, predicted: value }) => ({ x, value })),
          },
        ],
        caption: "Best of n lies slightly below the tilted policy of the same KL where the proxy is right.",
      },
    ],
    tables: [bestOfNTable(study)],
    examples: [],
    notes: [
      `The fewest responses to a prompt are ${fewestResponses}, so nothing is known about the best ${numberText(1 / fewestResponses, "percent")} of responses, which is where a policy goes at a KL above about ${numberText(Math.log(fewestResponses) - 1, "number")}.`,
      "Best of n draws without replacement and counts wins against the responses not drawn, over all draws exactly.",
      `Pairs with equal proxy scores count as wrong (${accuracy.proxyTies}); pairs with equal gold scores are left out (${accuracy.goldTies}).`,
      ...(source.unscored > 0 ? [`${source.unscored} responses lack a score and were left out.`] : []),
      ...(source.tooFew > 0 ? [`${source.tooFew} prompts have fewer than two scored responses.`] : []),
      ...heldOutNote(study),
    ],
    facts: facts([
      { label: "data", value: source.file },
      { label: "seed", value: String(source.seed) },
    ]),
  };
}

function heldOutNote({ heldOut, prompts }: TailStudy): string[] {
  const largest = heldOut?.largestDifference ?? null;
  if (heldOut === null || largest === null) return [];
  return [
    `The map of ${heldOut.fittedPrompts} prompts predicts best of n on the other ${prompts - heldOut.fittedPrompts} to within ${numberText(100 * largest, "number")} points.`,
  ];
}

function bestOfNTable({ bestOfN, heldOut }: TailStudy): ReportTable {
  return {
    title: "Best of n",
    columns: [
      "n",
      "KL",
      "measured",
      "predicted",
      "predicted from the other half",
      "tilted policy at this KL",
    ],
    rows: bestOfN.map(({ n, kl, measured, predicted, tiltAtSameKl }, i) => [
      String(n),
      kl,
      estimateText(measured, "percent"),
      numberText(predicted, "percent"),
      numberText(heldOut?.points[i]?.predicted ?? Number.NaN, "percent"),
      numberText(tiltAtSameKl, "percent"),
    ]),
  };
}

function accuracyRow(name: string, label: string, interval: Interval | null): Report["summary"] {
  return interval === null ? [] : [{ name: `accuracy-${name}`, label, format: "percent", after: interval }];
}

function curves(title: string, maps: readonly MisspecificationMap[]): LineChart {
  const betas = betasUpToKl(HIGHEST_KL, 60);
  return {
    title,
    xLabel: "KL to the reference, nats",
    format: "percent",
    series: maps.map((map) => ({
      name: map.name,
      points: [
        { x: 0, value: 0.5 },
        ...tailCurve(map, betas).map(({ kl: x, winRate: value }) => ({ x, value })),
      ],
    })),
  };
}

function point(x: number, { value, low, high }: Interval): ChartPoint {
  return { x, value, low, high };
}

const facts = (own: Report["facts"]): Report["facts"] => [
  ...own,
  ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
];
