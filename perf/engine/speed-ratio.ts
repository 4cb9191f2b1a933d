import { median } from "../median.ts";
import type { Comparison, Round } from "./turns.ts";

/** Smallest, middle and largest of some numbers, rounded to three digits. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What a comparison says of the speed of two contenders. */
export interface SpeedRatio {
  /** Our tokens per second over the peer's, one ratio a turn. */
  readonly ratio: Spread;
  /** The same of processor time, which other load on the machine disturbs less. */
  readonly cpuRatio: Spread;
  readonly tokensPerSecond: { readonly ours: Spread; readonly peer: Spread };
  readonly rounds: number;
}

export function speedRatio({ ours, peer }: Comparison): SpeedRatio {
  const turns = (seconds: (round: Round) => number) =>
    ours.map((mine, i) => seconds(peer[i]!) / peer[i]!.tokens / (seconds(mine) / mine.tokens));
  const throughput = (rounds: readonly Round[]) =>
    spread(rounds.map(({ tokens, seconds }) => tokens / seconds));
  return {
    ratio: spread(turns(({ seconds }) => seconds)),
    cpuRatio: spread(turns(({ cpuSeconds }) => cpuSeconds)),
    tokensPerSecond: { ours: throughput(ours), peer: throughput(peer) },
    rounds: ours.length,
  };
}

/** Of at least one number. */
function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    min: threeDigits(sorted[0]!),
    median: threeDigits(median(sorted)),
    max: threeDigits(sorted.at(-1)!),
  };
}

export function threeDigits(value: number): number {
  return Number(value.toPrecision(3));
}
