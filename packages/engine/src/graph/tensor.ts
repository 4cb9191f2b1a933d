import type { Op } from "./op.ts";

export type DataType = "float32" | "int32" | "int64";

/** Static sizes, outermost axis first. `[]` is a scalar. */
export type Shape = readonly number[];

/**
 * One node of a graph and the value it computes: an operation applied to earlier tensors. Immutable; a graph is whatever
 * its outputs reach. Ids grow with creation, so ascending id is a topological order.
 */
export interface Tensor {
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly shape: Shape;
  readonly dtype: DataType;
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}
