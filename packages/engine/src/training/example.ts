import type { TokenValue } from "../losses/token-loss.ts";
import type { Sequence } from "./prefix-groups.ts";

/** One datum, checked, with what the loss reads per position. */
export interface Example extends Sequence {
  readonly targets: ArrayLike<number>;
  readonly values: Readonly<Partial<Record<TokenValue, ArrayLike<number>>>>;
  readonly headFrom: number;
  /** 1 at each position with a gradient. */
  readonly active: Uint8Array;
}
