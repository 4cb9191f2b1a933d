import { ConfigError } from "../errors.ts";

/** A linear stretch of a function on [0, 1]. Neighbouring stretches may jump. */
export interface LinearPiece {
  readonly from: number;
  readonly to: number;
  readonly atFrom: number;
  readonly atTo: number;
}

/**
 * How a proxy reward misorders responses, both rewards as ranks in [0, 1] among the reference policy's own responses
 * (Chasing the Tail, section 3.1). `inverse` tells the gold rank that stands at each proxy rank: f⁻¹ of the paper's f, or the
 * mean gold rank where several gold ranks share a proxy rank. Pieces cover [0, 1] in order.
 */
export interface MisspecificationMap {
  readonly name: string;
  readonly inverse: readonly LinearPiece[];
}

/** A proxy that orders as gold does. */
export const CORRECT: MisspecificationMap = { name: "correct", inverse: [piece(0, 1, 0, 1)] };

/** A proxy that orders the other way round: f(r) = 1 − r. */
export const REVERSED: MisspecificationMap = { name: "reversed", inverse: [piece(0, 1, 1, 0)] };

/** Right below the best share c, reversed inside it: f(r) = r up to 1 − c, then 2 − c − r (figure 2a). 0 < c ≤ 1. */
export function topWrong(c: number): MisspecificationMap {
  checkShare(c);
  return {
    name: `top ${shareText(c)} wrong`,
    inverse: stretches([piece(0, 1 - c, 0, 1 - c), piece(1 - c, 1, 1, 1 - c)]),
  };
}

/** Reversed inside the worst share c, right above it: f(r) = c − r up to c, then r (figure 2a). 0 < c ≤ 1. */
export function worstWrong(c: number): MisspecificationMap {
  checkShare(c);
  return { name: `worst ${shareText(c)} wrong`, inverse: stretches([piece(0, c, c, 0), piece(c, 1, c, 1)]) };
}

/**
 * The worst that is possible where the best share p is ordered right: all below it reversed, by the rearrangement inequality
 * (figure 2b). 0 < p < 1; at p = 1 nothing is wrong.
 */
export function topRightEnvelope(p: number): MisspecificationMap {
  checkShare(p);
  return { ...(p === 1 ? CORRECT : worstWrong(1 - p)), name: `top ${shareText(p)} right, at worst` };
}

/**
 * The line through values at the centres of equally wide cells, the outer cells' lines drawn on to the ends: a map as it is
 * estimated from data, linear in its values. Throws `ConfigError` without values.
 */
export function mapThroughCells(name: string, values: readonly number[]): MisspecificationMap {
  const count = values.length;
  if (count === 0) throw new ConfigError("a map has no cells; give at least one value");
  if (count === 1) return { name, inverse: [piece(0, 1, values[0]!, values[0]!)] };
  const knots = [
    [0, 1.5 * values[0]! - 0.5 * values[1]!] as const,
    ...values.map((value, i) => [(i + 0.5) / count, value] as const),
    [1, 1.5 * values[count - 1]! - 0.5 * values[count - 2]!] as const,
  ];
  return {
    name,
    inverse: knots.slice(1).map(([to, atTo], i) => piece(knots[i]![0], to, knots[i]![1], atTo)),
  };
}

/** Gold rank at a proxy rank u in [0, 1]. */
export function inverseAt({ inverse }: MisspecificationMap, u: number): number {
  const { from, to, atFrom, atTo } = inverse.find(({ to }) => u <= to) ?? inverse.at(-1)!;
  return atFrom + ((u - from) / (to - from)) * (atTo - atFrom);
}

function piece(from: number, to: number, atFrom: number, atTo: number): LinearPiece {
  return { from, to, atFrom, atTo };
}

const stretches = (pieces: readonly LinearPiece[]) => pieces.filter(({ from, to }) => to > from);

const shareText = (share: number) => `${Number((100 * share).toPrecision(6))} %`;

function checkShare(share: number): void {
  if (!(share > 0 && share <= 1))
    throw new ConfigError(`share is ${share}; give a number above 0 and at most 1`);
}
