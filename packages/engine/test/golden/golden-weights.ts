import type { ParameterSpec } from "../../src/model/parameters.ts";

/** The numbers of `formula` in make-golden.py. */
export function goldenNumbers(count: number, stream: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const value = Math.sin(12.9898 * (i + 1) + 78.233 * stream) * 43758.5453;
    return 2 * (value - Math.floor(value)) - 1;
  });
}

/** The weights of `fill` in make-golden.py: parameter k of the list uses stream k + 1. */
export function goldenWeights({ name, shape }: ParameterSpec, k: number): Float32Array {
  const numbers = goldenNumbers(
    shape.reduce((product, n) => product * n, 1),
    k + 1,
  );
  if (shape.length === 1) return Float32Array.from(numbers, (x) => 1 + 0.1 * x);
  if (name.includes("embed_tokens")) return Float32Array.from(numbers, (x) => 0.5 * x);
  return Float32Array.from(numbers, (x) => (x * 1.7) / Math.sqrt(shape[1]!));
}
