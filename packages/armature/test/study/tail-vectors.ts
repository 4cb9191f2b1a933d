import {
  CORRECT,
  type MisspecificationMap,
  REVERSED,
  topWrong,
  worstWrong,
} from "../../src/study/misspecification-map.ts";

/** Values of theorem 1 at one β. */
export interface TailVector {
  readonly beta: number;
  readonly kl: number;
  readonly winRates: readonly { readonly map: MisspecificationMap; readonly winRate: number }[];
}

const MAPS = [CORRECT, REVERSED, topWrong(0.25), topWrong(0.5), worstWrong(0.5), worstWrong(0.9)];

/** β, KL and the win rates of `MAPS`, from closed forms derived and integrated independently of this code. */
const ROWS = [
  [1.0, 0.040652, 0.581977, 0.418023, 0.578335, 0.556148, 0.566311, 0.468819],
  [0.5, 0.151596, 0.656518, 0.343482, 0.647077, 0.596588, 0.634471, 0.453822],
  [0.25, 0.479409, 0.768657, 0.231343, 0.742264, 0.630797, 0.75, 0.469406],
  [0.1, 1.303085, 0.900045, 0.099955, 0.813103, 0.595315, 0.897992, 0.642468],
  [0.05, 1.995732, 0.95, 0.05, 0.797642, 0.549973, 0.949982, 0.841732],
  [0.02, 2.912023, 0.98, 0.02, 0.769999, 0.52, 0.98, 0.974205],
] as const;

export const TAIL_VECTORS: readonly TailVector[] = ROWS.map(([beta, kl, ...winRates]) => ({
  beta,
  kl,
  winRates: winRates.map((winRate, i) => ({ map: MAPS[i]!, winRate })),
}));
