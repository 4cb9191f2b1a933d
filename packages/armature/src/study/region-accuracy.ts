import { type BootstrapSettings, bootstrapMean, type Interval } from "../evaluation/bootstrap.ts";
import { averageRanks } from "../evaluation/rank-correlation.ts";
import type { ScoredResponses } from "./scored-responses.ts";

/** How often the proxy orders two responses to a prompt as gold does, by where they stand. Null where there are no pairs. */
export interface RegionAccuracy {
  /** Share of the responses that counts as high. */
  readonly topShare: number;
  readonly all: Interval | null;
  /** Both responses among the best by gold. */
  readonly high: Interval | null;
  /** Neither. */
  readonly low: Interval | null;
  /** One of each. */
  readonly across: Interval | null;
  /** Pairs with equal gold scores, which are in none of these. */
  readonly goldTies: number;
  /** Pairs with equal proxy scores; they count as wrong (Chasing the Tail, table 2). */
  readonly proxyTies: number;
}

/** Accuracy over all pairs of a prompt's responses, with intervals in which a prompt's pairs stay together. */
export function regionAccuracy(
  prompts: readonly ScoredResponses[],
  topShare: number,
  settings: BootstrapSettings,
): RegionAccuracy {
  const clusters = { all: [], high: [], low: [], across: [] } as Record<Region | "all", number[][]>;
  let [goldTies, proxyTies] = [0, 0];
  for (const { proxy, gold } of prompts) {
    const ofPrompt: Record<Region | "all", number[]> = { all: [], high: [], low: [], across: [] };
    const ranks = averageRanks(gold);
    const isHigh = ranks.map((rank) => (rank - 0.5) / gold.length > 1 - topShare);
    for (let i = 0; i < gold.length; i++) {
      for (let j = 0; j < i; j++) {
        if (gold[i] === gold[j]) {
          goldTies++;
          continue;
        }
        if (proxy[i] === proxy[j]) proxyTies++;
        const right = Number(Math.sign(proxy[i]! - proxy[j]!) === Math.sign(gold[i]! - gold[j]!));
        const region: Region = isHigh[i] !== isHigh[j] ? "across" : isHigh[i] ? "high" : "low";
        ofPrompt.all.push(right);
        ofPrompt[region].push(right);
      }
    }
    for (const region of REGIONS) clusters[region].push(ofPrompt[region]);
  }
  const [all, high, low, across] = REGIONS.map((region) => bootstrapMean(clusters[region], settings)) as [
    Interval | null,
    Interval | null,
    Interval | null,
    Interval | null,
  ];
  return { topShare, all, high, low, across, goldTies, proxyTies };
}

type Region = "high" | "low" | "across";
const REGIONS = ["all", "high", "low", "across"] as const;
