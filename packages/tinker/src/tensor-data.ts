import { TinkerError } from "./errors.ts";

/** A dense tensor as the protocol sends it: flat values in row-major order. `shape` defaults to `[data.length]`. */
export interface TensorData {
  readonly data: readonly number[] | Float32Array | Int32Array;
  readonly dtype: "int64" | "float32";
  readonly shape?: readonly number[];
}

/** float32 tensor of one dimension. */
export function floats(data: readonly number[] | Float32Array): TensorData {
  return { data, dtype: "float32" };
}

/** int64 tensor of one dimension (values must fit in 32 bits here: they are token ids). */
export function integers(data: readonly number[] | Int32Array): TensorData {
  return { data, dtype: "int64" };
}

/** Leading dimension of a tensor. Throws `TinkerError` where shape and data disagree. */
export function tensorLength(tensor: TensorData): number {
  const shape = tensor.shape ?? [tensor.data.length];
  const size = shape.reduce((product, n) => product * n, 1);
  if (size !== tensor.data.length) {
    throw new TinkerError(
      "user",
      `tensor of shape [${shape}] holds ${tensor.data.length} values, not ${size}`,
    );
  }
  return shape[0] ?? 1;
}
