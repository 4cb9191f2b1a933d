import { ConfigError } from "../errors.ts";
import { integrate } from "./integrate.ts";
import type { MisspecificationMap } from "./misspecification-map.ts";

/** A policy by how far it went from the reference, and how often its response beats one of the reference's. */
export interface TailPoint {
  /** KL(policy ‖ reference) in nats. */
  readonly kl: number;
  /** Share in [0, 1]; 0.5 is the reference itself. */
  readonly winRate: number;
}

/**
 * KL of the policy ∝ π₀·exp(proxy / β) whose proxy rank is uniform under π₀ (Chasing the Tail, theorem 1 i); it does not
 * depend on the misspecification. β > 0. With q = e^(−1/β): q / (β(1 − q)) − 1 − ln β − ln(1 − q).
 */
export function tailKl(beta: number): number {
  checkBeta(beta);
  const x = 1 / beta;
  // The terms of order 1 cancel for a large β; the series is theirs around x = 0.
  if (x < 0.1) return x ** 2 / 24 - x ** 4 / 960 + (5 * x ** 6) / 181_440;
  return (x * Math.exp(-x)) / -Math.expm1(-x) - 1 + Math.log(x) - Math.log(-Math.expm1(-x));
}

/** The β whose policy has this KL, by bisection; relative error below 1e-12. Throws `ConfigError` unless kl > 0. */
export function betaAtKl(kl: number): number {
  if (!(kl > 0 && Number.isFinite(kl))) throw new ConfigError(`KL is ${kl}; give a number above 0`);
  // KL ≈ 1/(24β²) for a large β and ≈ ln(1/β) − 1 for a small one, so both ends are outside.
  let [low, high] = [-kl - 2, Math.max(2, -Math.log(kl))];
  for (let step = 0; step < 200 && high - low > 1e-13; step++) {
    const middle = (low + high) / 2;
    if (tailKl(Math.exp(middle)) > kl) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/**
 * Win rate, which is also the mean gold rank, of the policy ∝ π₀·exp(proxy / β): ∫ f⁻¹(u) e^(u/β) du / (β(e^(1/β) − 1)), in
 * closed form on each linear piece (theorem 1 ii). β > 0.
 */
export function tailWinRate({ inverse }: MisspecificationMap, beta: number): number {
  checkBeta(beta);
  let sum = 0;
  for (const { from, to, atFrom, atTo } of inverse) {
    const h = (to - from) / beta;
    // Weights relative to e^(1/β), so that a small β does not overflow.
    const end = Math.exp((to - 1) / beta);
    const mass = beta * end * -Math.expm1(-h);
    const moment = beta ** 2 * end * hMinusOnePlusExp(h);
    sum += atFrom * mass + ((atTo - atFrom) / (to - from)) * moment;
  }
  return sum / (beta * -Math.expm1(-1 / beta));
}

/** h − 1 + e^(−h) without cancellation near 0. */
function hMinusOnePlusExp(h: number): number {
  if (h > 0.02) return h + Math.expm1(-h);
  return (h ** 2 / 2) * (1 - (h / 3) * (1 - (h / 4) * (1 - (h / 5) * (1 - (h / 6) * (1 - h / 7)))));
}

/**
 * The same for any proxy of the gold rank r in [0, 1], uniform or not, by numerical integration (proposition 1 ii and iii).
 * The proxy may be finite everywhere only; jumps are found by bisection.
 */
export function tailByIntegration(proxy: (goldRank: number) => number, beta: number): TailPoint {
  checkBeta(beta);
  const grid = Array.from({ length: 1025 }, (_, i) => proxy(i / 1024));
  const highest = grid.reduce((a, b) => Math.max(a, b));
  if (!Number.isFinite(highest)) throw new ConfigError(`the proxy is ${highest} somewhere; make it finite`);
  const [mass, gold, energy] = integrate((rank) => {
    const scaled = (proxy(rank) - highest) / beta;
    const weight = Math.exp(scaled);
    return [weight, rank * weight, scaled * weight];
  }) as [number, number, number];
  return { winRate: gold / mass, kl: energy / mass - Math.log(mass) };
}

/** Win rate and KL over a list of β. */
export function tailCurve(map: MisspecificationMap, betas: readonly number[]): readonly TailPoint[] {
  return betas.map((beta) => ({ kl: tailKl(beta), winRate: tailWinRate(map, beta) }));
}

/** β's at equal steps of KL from near 0 to `highest`: the points of a curve. */
export function betasUpToKl(highest: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => betaAtKl(((i + 1) * highest) / count));
}

/** KL of the best of n responses by a proxy without ties: ln n − (n − 1) / n. */
export function bestOfNKl(n: number): number {
  return Math.log(n) - (n - 1) / n;
}

/** Win rate of the best of n responses by the proxy: ∫ f⁻¹(u) n u^(n−1) du. n ≥ 1. */
export function bestOfNWinRate({ inverse }: MisspecificationMap, n: number): number {
  return inverse.reduce((sum, { from, to, atFrom, atTo }) => {
    const slope = (atTo - atFrom) / (to - from);
    const constant = atFrom - slope * from;
    return (
      sum + constant * (to ** n - from ** n) + ((slope * n) / (n + 1)) * (to ** (n + 1) - from ** (n + 1))
    );
  }, 0);
}

function checkBeta(beta: number): void {
  if (!(beta > 0 && Number.isFinite(beta))) throw new ConfigError(`beta is ${beta}; give a number above 0`);
}
