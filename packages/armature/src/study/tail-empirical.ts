import { SeededStream } from "@armature/engine";
import { type BootstrapSettings, bootstrapMean, type Interval } from "../evaluation/bootstrap.ts";
import { spearman } from "../evaluation/rank-correlation.ts";
import { type MisspecificationMap, mapThroughCells } from "./misspecification-map.ts";
import { bestOfKWinRates, cellMeans, goldRanksByProxy, tiltedWinRate } from "./proxy-order.ts";
import { type RegionAccuracy, regionAccuracy } from "./region-accuracy.ts";
import type { ScoredResponses } from "./scored-responses.ts";
import { bestOfNKl, bestOfNWinRate, betaAtKl, betasUpToKl } from "./tail-theory.ts";

/** How scores are studied. */
export interface TailStudySettings extends BootstrapSettings {
  /** Cells in which the map is shown; default 20, or the fewest responses to a prompt where these are fewer. */
  readonly cells?: number;
  /** Share of a prompt's responses, by gold, that counts as the high-reward region; default 0.5. */
  readonly topShare?: number;
}

/** Best of n as measured on the data, and as the estimated map predicts it. */
export interface BestOfNPoint {
  readonly n: number;
  readonly kl: number;
  readonly measured: Interval;
  readonly predicted: number;
  /** Of the policy ∝ π₀·exp(proxy / β) with the same KL. */
  readonly tiltAtSameKl: number;
}

/** What proxy and gold scores of the same responses tell about training on the proxy. */
export interface TailStudy {
  readonly prompts: number;
  readonly responses: number;
  /** Fewest responses to a prompt; nothing can be said about the best 1 / n. */
  readonly fewestResponses: number;
  /** The estimated map: mean gold rank by proxy rank, at the centres of equally wide cells. */
  readonly map: readonly { readonly proxyRank: number; readonly goldRank: Interval }[];
  readonly accuracy: RegionAccuracy;
  /** Mean over prompts of Spearman's correlation of proxy and gold; null where no prompt has one. */
  readonly rankCorrelation: Interval | null;
  /** Win rate of the policy ∝ π₀·exp(proxy / β) up to the KL of best of n / 2, n being the fewest responses. */
  readonly curve: readonly { readonly beta: number; readonly kl: number; readonly winRate: Interval }[];
  readonly bestOfN: readonly BestOfNPoint[];
  /** The map of one half of the prompts against best of n on the other; null below four prompts. */
  readonly heldOut: HeldOutCheck | null;
}

/** A prediction checked on prompts that it has not seen. */
export interface HeldOutCheck {
  readonly fittedPrompts: number;
  readonly points: readonly { readonly n: number; readonly predicted: number; readonly measured: Interval }[];
  /** Largest |predicted − measured|; null without points. */
  readonly largestDifference: number | null;
}

const CURVE_POINTS = 24;

/**
 * The map that the ranks of responses show: mean gold rank by proxy rank over equally wide cells. How many of n responses lie
 * below a point varies by chance, so a jump is blurred by about ±√(u(1 − u) / n).
 */
export function estimateMap(
  prompts: readonly ScoredResponses[],
  cells: number,
  seed: number,
): MisspecificationMap {
  return mapOf(
    prompts.map((prompt) => goldRanksByProxy(prompt, seed)),
    cells,
  );
}

/** The map of gold ranks in the order of the proxy, one list a prompt. */
function mapOf(ranks: readonly (readonly number[])[], cells: number): MisspecificationMap {
  const byPrompt = ranks.map((ofPrompt) => promptCells(ofPrompt, cells));
  const values = Array.from({ length: cells }, (_, cell) => mean(byPrompt.map((means) => means[cell]!)));
  return mapThroughCells("estimated", values);
}

const promptCells = (ranks: readonly number[], cells: number) =>
  cellMeans(
    ranks.map((rank) => (rank - 0.5) / ranks.length),
    cells,
  );

/**
 * Estimates the misspecification map from proxy and gold scores of many responses to each prompt, splits the proxy's accuracy
 * into high- and low-reward region, predicts win rate against KL and compares it with best of n on the same data. Intervals
 * draw prompts. Give at least one prompt; each needs two responses.
 */
export function studyTail(prompts: readonly ScoredResponses[], settings: TailStudySettings): TailStudy {
  const { seed, topShare = 0.5 } = settings;
  const bootstrap = { resamples: 2000, ...settings };
  const fewestResponses = Math.min(...prompts.map(({ gold }) => gold.length));
  const cells = settings.cells ?? Math.min(20, fewestResponses);
  const ranks = prompts.map((prompt) => goldRanksByProxy(prompt, seed));
  const shown = ranks.map((ofPrompt) => promptCells(ofPrompt, cells));
  const over = <T>(items: readonly T[], value: (item: T) => number) =>
    bootstrapMean(
      items.map((item) => [value(item)]),
      bootstrap,
    )!;
  const bestOfK = ranks.map(bestOfKWinRates);
  const tilted = (beta: number) => over(bestOfK, (one) => tiltedWinRate(one, beta));
  // As fine as the data have it: a coarse cell would smear a jump.
  const map = mapOf(ranks, fewestResponses);
  const correlations = prompts.map(({ proxy, gold }) => spearman(proxy, gold));
  const highestKl = bestOfNKl(Math.max(2, fewestResponses / 2));
  return {
    prompts: prompts.length,
    responses: prompts.reduce((sum, { gold }) => sum + gold.length, 0),
    fewestResponses,
    map: Array.from({ length: cells }, (_, cell) => ({
      proxyRank: (cell + 0.5) / cells,
      goldRank: over(shown, (means) => means[cell]!),
    })),
    accuracy: regionAccuracy(prompts, topShare, bootstrap),
    rankCorrelation: bootstrapMean(
      correlations.map((value) => (value === null ? [] : [value])),
      bootstrap,
    ),
    curve: betasUpToKl(highestKl, CURVE_POINTS).map((beta, i) => ({
      beta,
      kl: ((i + 1) * highestKl) / CURVE_POINTS,
      winRate: tilted(beta),
    })),
    bestOfN: sizes(fewestResponses).map((n) => ({
      n,
      kl: bestOfNKl(n),
      measured: over(bestOfK, (one) => one[n - 1]!),
      predicted: bestOfNWinRate(map, n),
      tiltAtSameKl: tilted(betaAtKl(bestOfNKl(n))).value,
    })),
    heldOut: heldOutCheck(ranks, fewestResponses, bootstrap),
  };
}

function heldOutCheck(
  ranks: readonly (readonly number[])[],
  fewestResponses: number,
  settings: BootstrapSettings,
): HeldOutCheck | null {
  if (ranks.length < 4) return null;
  const drawn = new SeededStream(settings.seed, "held-out half").shuffled(ranks);
  const fitted = drawn.slice(0, drawn.length >> 1);
  const unseen = drawn.slice(drawn.length >> 1).map(bestOfKWinRates);
  const map = mapOf(fitted, fewestResponses);
  const points = sizes(fewestResponses).map((n) => ({
    n,
    predicted: bestOfNWinRate(map, n),
    measured: bootstrapMean(
      unseen.map((bestOfK) => [bestOfK[n - 1]!]),
      settings,
    )!,
  }));
  const differences = points.map(({ predicted, measured }) => Math.abs(predicted - measured.value));
  return {
    fittedPrompts: fitted.length,
    points,
    largestDifference: differences.length === 0 ? null : Math.max(...differences),
  };
}

/** Powers of two that leave at least as many opponents as they draw; 2 of 3 is the least that can be measured. */
function sizes(responses: number): readonly number[] {
  if (responses === 3) return [2];
  return [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].filter((n) => 2 * n <= responses);
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
