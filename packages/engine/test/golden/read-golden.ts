import { readFileSync } from "node:fs";
import { completionDatum, type Datum } from "@armature/tinker";

export interface GoldenModel {
  readonly config: unknown;
  readonly data: readonly { readonly tokens: readonly number[]; readonly weights: readonly number[] }[];
  readonly loss: number;
  readonly logprobs: readonly (readonly number[])[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

/** A file of reference values beside this one. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8")) as T;
}

/** The sequences of a golden model as datums of cross_entropy. */
export function goldenData({ data }: GoldenModel): Datum[] {
  return data.map(({ tokens, weights }) => completionDatum(tokens.slice(0, 1), tokens.slice(1), { weights }));
}

/** Largest difference over the largest reference value. */
export function relativeError(values: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (values.length !== reference.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < reference.length; i++) {
    const apart = Math.abs(values[i]! - reference[i]!);
    if (!(apart <= difference)) difference = apart;
    largest = Math.max(largest, Math.abs(reference[i]!));
  }
  return largest === 0 ? difference : difference / largest;
}
