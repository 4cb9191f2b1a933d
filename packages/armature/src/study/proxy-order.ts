import { SeededStream } from "@armature/engine";
import { averageRanks } from "../evaluation/rank-correlation.ts";
import type { ScoredResponses } from "./scored-responses.ts";

/**
 * Gold ranks of a prompt's responses, 1 (worst) to n, from the lowest proxy score to the highest. Equal gold scores share their
 * mean rank; equal proxy scores stand in an order drawn by the seed and the prompt, as a policy cannot tell them apart.
 */
export function goldRanksByProxy({ prompt, proxy, gold }: ScoredResponses, seed: number): readonly number[] {
  const ranks = averageRanks(gold);
  const drawn = new SeededStream(seed, "proxy ties", prompt).shuffled(proxy.map((_, i) => i));
  return drawn.sort((a, b) => proxy[a]! - proxy[b]!).map((i) => ranks[i]!);
}

/**
 * Means of values that stand for equally wide stretches of [0, 1], over `cells` equally wide cells: a value counts in a cell by
 * the length that the two share.
 */
export function cellMeans(values: readonly number[], cells: number): readonly number[] {
  return Array.from({ length: cells }, (_, cell) => {
    let sum = 0;
    // In units of 1 / (values · cells), so that lengths are whole numbers.
    const [from, to] = [cell * values.length, (cell + 1) * values.length];
    for (let i = Math.floor(from / cells); i * cells < to; i++)
      sum += values[i]! * (Math.min(to, (i + 1) * cells) - Math.max(from, i * cells));
    return sum / values.length;
  });
}

/**
 * Win rates of the best of k responses by the proxy, k from 1 to n − 1, drawn without replacement from a prompt's n, against the
 * n − k others: the mean over all draws, exactly, and therefore an unbiased estimate for the policy. Gold ranks stand in the
 * order of the proxy; ties count one half. Element k − 1 is that of k.
 */
export function bestOfKWinRates(goldRanks: readonly number[]): readonly number[] {
  const n = goldRanks.length;
  const wins = goldRanks.map((own, place) => {
    const beats = (other: number) => (other < own ? 1 : other === own ? 0.5 : 0);
    let [above, below] = [0, 0];
    for (let i = place + 1; i < n; i++) above += beats(goldRanks[i]!);
    for (let i = 0; i < place; i++) below += beats(goldRanks[i]!);
    return { above, below };
  });
  return Array.from({ length: n - 1 }, (_, i) => {
    const k = i + 1;
    let chance = k / n;
    let sum = 0;
    for (let place = n; place >= k; place--) {
      const { above, below } = wins[place - 1]!;
      // One of those below is an opponent where it is not among the k − 1 that were drawn with the best.
      const undrawn = place === 1 ? 1 : 1 - (k - 1) / (place - 1);
      sum += (chance * (above + undrawn * below)) / (n - k);
      // C(place − 2, k − 1) / C(place − 1, k − 1).
      chance *= (place - k) / Math.max(1, place - 1);
    }
    return sum;
  });
}

/**
 * Win rate of the policy ∝ π₀·exp(proxy / β) from those of best of 1 … n − 1. With uniform proxy ranks u, e^(u/β) is the series
 * Σ u^(k−1) / (β^(k−1) (k − 1)!), and best of k has the density k·u^(k−1): the policy is their mixture with shares
 * ∝ 1 / (β^(k−1) k!). The series ends at n − 1; what is missing does not count while 1 / β stays below about n / 2.
 */
export function tiltedWinRate(bestOfK: readonly number[], beta: number): number {
  // Scaled by e^(−1/β), which keeps the largest share near 1.
  let share = Math.exp(-1 / beta);
  let [sum, total] = [0, 0];
  for (const [i, winRate] of bestOfK.entries()) {
    sum += share * winRate;
    total += share;
    share /= beta * (i + 2);
  }
  return sum / total;
}
