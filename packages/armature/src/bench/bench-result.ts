import type { OverlapReport } from "../data/overlap.ts";
import { lastUserTurn } from "../data/prompt.ts";
import type { RowFaultReason } from "../data/row-fields.ts";
import { cohenKappa, fleissKappa, krippendorffAlpha } from "../evaluation/agreement.ts";
import type { BootstrapSettings, Interval } from "../evaluation/bootstrap.ts";
import type { Calibration } from "../evaluation/calibration.ts";
import { type PairAccuracy, pairAccuracy } from "../evaluation/pair-accuracy.ts";
import type { FailureKind } from "../failure.ts";
import type { UsageReport } from "../llm/usage-report.ts";
import type { BenchSuite, JudgedItem } from "./bench-suite.ts";
import { countFailures, type FailureCount } from "./failure-counts.ts";
import { gradePairs } from "./grading.ts";
import { promptDraws, suiteIntervals } from "./suite-intervals.ts";
import { type VotePoint, voteCurve } from "./vote-curve.ts";
import { pairCalibration, type WinProbability } from "./win-probabilities.ts";

/** One item's part in a group, as a result keeps it for comparisons. */
export interface BenchRow {
  readonly item: string;
  /** Rows of one prompt are not independent, and are drawn together. */
  readonly promptId: string;
  readonly group: string;
  readonly value: number | null;
  /** Start of the last user's turn, and where the item stands. */
  readonly prompt: string;
  readonly source: string;
}

/** How well annotators agree with each other, and the scorer with them. Null where undefined. */
export interface BenchAgreement {
  readonly annotators: number;
  readonly alpha: number | null;
  readonly fleiss: number | null;
  /** Mean of Cohen's kappa of the scorer with each annotator; a tie of scores is a class of its own. */
  readonly scorer: number | null;
}

/** What a scorer reached on a suite; `result.json` is this object. Shares lie in 0 to 1. */
export interface BenchResult {
  readonly suite: string;
  readonly scorer: string;
  readonly files: readonly string[];
  readonly seed: number;
  readonly items: number;
  readonly comparisons: number;
  /** Rows of the files that are no items, by reason. */
  readonly leftOut: Readonly<Partial<Record<RowFaultReason, number>>>;
  /** The suite's own average; its interval draws prompts within subsets. */
  readonly average: {
    readonly what: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  } | null;
  readonly groups: readonly { readonly name: string; readonly count: number; readonly accuracy: Interval }[];
  /** Over comparisons. Ties and unreadable verdicts count as wrong; what could not be judged is left out. */
  readonly ties: number;
  readonly parseFailures: number;
  readonly unjudged: number;
  /** Failures of verdicts, or of scores where the scorer gives scores, by kind. */
  readonly failures: Readonly<Partial<Record<FailureKind, FailureCount>>>;
  /** Mean share of the rubric's weight that was judged; null for scorers without a rubric. */
  readonly coverage: number | null;
  /** The suite's average by the first votes of each judgement; null with one vote. */
  readonly votes: readonly VotePoint[] | null;
  /** Of the probabilities that the scorer gives; null where it gives none. */
  readonly calibration: Calibration | null;
  /** By the order shown, from a judge of pairs that saw both orders. */
  readonly position: Pick<
    PairAccuracy,
    "given" | "swapped" | "mixed" | "positionVariation" | "orderAgreement" | "firstWins"
  > | null;
  /** Of items with several annotators. */
  readonly agreement: BenchAgreement | null;
  /** What the suite shares with training files that were named. */
  readonly overlap: OverlapReport | null;
  /** Wall-clock seconds of judging for 100 items. */
  readonly secondsPer100: number;
  /** Tokens and money of the language models that were asked; null where none was. */
  readonly usage: UsageReport | null;
  readonly rows: readonly BenchRow[];
}

/** What a result is made of beside the judged items. */
export interface ResultFacts extends BootstrapSettings {
  readonly scorer: string;
  readonly files: readonly string[];
  readonly leftOut: BenchResult["leftOut"];
  readonly overlap: OverlapReport | null;
  /** Wall-clock seconds of all judging. */
  readonly seconds: number;
  readonly usage?: UsageReport | null;
  /** Of the scorer, where its scores mean a probability. */
  readonly winProbability?: WinProbability;
}

const EXCERPT = 200;

/** Grades judged items and sums them up. Default resamples: 2,000, fewer above 10,000 items, at least 200. */
export function benchResult(
  suite: BenchSuite,
  judged: readonly JudgedItem[],
  facts: ResultFacts,
): BenchResult {
  // 100,000 comparisons say so much that 200 resamples place the bounds to a few hundredths of a point.
  const { seed, resamples = clamp(Math.floor(2e7 / judged.length), 200, 2000), level } = facts;
  const settings = { seed, resamples, ...(level !== undefined && { level }) };
  const contributions = (suite.grade ?? gradePairs)(judged);
  const draws = promptDraws(judged);
  const { average, groups } = suiteIntervals(suite.average, contributions, draws, settings);
  const accuracy = verdictsOf(judged, settings);
  return {
    suite: suite.name,
    scorer: facts.scorer,
    files: facts.files,
    seed,
    items: judged.length,
    comparisons: judged.reduce((sum, { comparisons }) => sum + comparisons.length, 0),
    leftOut: facts.leftOut,
    average: average === null ? null : { what: suite.average.what, ...average },
    groups,
    ties: accuracy.ties,
    parseFailures: accuracy.parseFailures,
    unjudged: accuracy.unjudged,
    failures: countFailures(judged),
    coverage: meanCoverage(judged),
    votes: voteCurve(suite, judged, draws, settings),
    calibration: pairCalibration(judged, facts.winProbability),
    position: accuracy.position,
    agreement: agreement(judged),
    overlap: facts.overlap,
    secondsPer100: (100 * facts.seconds) / judged.length,
    usage: facts.usage ?? null,
    rows: contributions.map(({ item, group, value }) => {
      const { id, prompt, source } = judged[item]!.item;
      const text = lastUserTurn(prompt);
      return {
        item: id,
        promptId: prompt.id,
        group,
        value,
        prompt: text.length > EXCERPT ? `${text.slice(0, EXCERPT)} …` : text,
        source: `${source.file}:${source.line}`,
      };
    }),
  };
}

/** Counts of verdicts; by the order shown only of a judge of pairs, for single responses have no order. */
function verdictsOf(
  judged: readonly JudgedItem[],
  settings: BootstrapSettings,
): Pick<BenchResult, "ties" | "parseFailures" | "unjudged" | "position"> {
  const labelled = judged.filter(({ item }) => !item.tie);
  if (judged.every(({ scores }) => scores !== null)) {
    const count = { ties: 0, parseFailures: 0, unjudged: 0 };
    for (const { comparisons } of labelled)
      for (const { outcomes } of comparisons)
        for (const { verdict } of outcomes) {
          if (verdict.status === "abstained") count.ties++;
          if (verdict.status === "failed") count.unjudged++;
        }
    return { ...count, position: null };
  }
  const outcomes = labelled.flatMap(({ comparisons }) => comparisons.flatMap((one) => one.outcomes));
  const { ties, parseFailures, unjudged, ...accuracy } = pairAccuracy(outcomes, settings);
  const { given, swapped, mixed, positionVariation, orderAgreement, firstWins } = accuracy;
  const position =
    given === null ? null : { given, swapped, mixed, positionVariation, orderAgreement, firstWins };
  return { ties, parseFailures, unjudged, position };
}

function meanCoverage(judged: readonly JudgedItem[]): number | null {
  let [sum, count] = [0, 0];
  for (const { coverages = [] } of judged)
    for (const coverage of coverages) {
      sum += coverage;
      count++;
    }
  return count === 0 ? null : sum / count;
}

function agreement(judged: readonly JudgedItem[]): BenchAgreement | null {
  const annotated = judged.filter(({ item }) => item.annotations !== undefined);
  if (annotated.length === 0) return null;
  const ratings = annotated.map(({ item }) => item.annotations!.said);
  const annotators = Math.max(...ratings.map((given) => given.length));
  const kappas = Array.from({ length: annotators }, (_, annotator) =>
    cohenKappa(annotated.map((one, i) => [choice(one), ratings[i]![annotator] ?? null])),
  ).filter((kappa) => kappa !== null);
  return {
    annotators,
    alpha: krippendorffAlpha(ratings),
    fleiss:
      ratings.every((given) => given.length === annotators) && annotators > 1 ? fleissKappa(ratings) : null,
    scorer: kappas.length === 0 ? null : kappas.reduce((a, b) => a + b) / kappas.length,
  };
}

/** 1 the file's first response, −1 the second, 0 neither or one in each order; null where nothing was judged. */
function choice({ item, comparisons }: JudgedItem): number | null {
  const made = comparisons[0]!.outcomes.filter(({ verdict }) => verdict.status !== "failed");
  if (made.length === 0) return null;
  const lead = made.reduce(
    (sum, { verdict }) => (verdict.status === "scored" ? sum + (verdict.winner === "chosen" ? 1 : -1) : sum),
    0,
  );
  return Math.sign(item.annotations!.chosenFirst ? lead : -lead) + 0;
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
