import { matmul, reshape, transpose } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";

/**
 * How a graph keeps its activations, and so on which side of a product the weights stand:
 * - `rows`: activations [batch, features], weights [out, in] on the right, which the runtime repacks in every call unless
 *   there is one row only.
 * - `columns`: activations [features, batch], weights [out, in] on the left, never repacked.
 * - `single`: one row, and weights from copies as panels [panels, in, width], which lie in memory in the order in which a
 *   single row reads them.
 */
export type ActivationLayout = "rows" | "columns" | "single";

/** From this many rows on, repacked weights bring more than the repacking costs. */
const ROWS_FROM = 192;

/** The layout that was measured to be fastest for so many rows. */
export function layoutFor(rows: number): ActivationLayout {
  return rows === 1 || rows >= ROWS_FROM ? "rows" : "columns";
}

/** The activations of a batch as a matrix: [batch, features], or with `columns` [features, batch]. */
export interface Activations {
  readonly tensor: Tensor;
  readonly columns: boolean;
}

export const asRows = (tensor: Tensor): Activations => ({ tensor, columns: false });

/** [batch, features]. */
export function rowsOf({ tensor, columns }: Activations): Tensor {
  return columns ? flip(tensor) : tensor;
}

/** The same activations as the layout keeps them. */
export function inLayout(layout: ActivationLayout, x: Activations): Activations {
  const columns = layout === "columns";
  return x.columns === columns ? x : { tensor: flip(x.tensor), columns };
}

/** alpha · weight · x (+ plus, kept in the same layout), for a weight [out, in] in any layout. */
export function project(
  layout: ActivationLayout,
  weight: Tensor,
  x: Activations,
  options: { alpha?: number; plus?: Tensor } = {},
): Activations {
  return layout === "columns"
    ? { tensor: matmul(weight, x.tensor, { transB: !x.columns, ...options }), columns: true }
    : { tensor: matmul(rowsOf(x), weight, { transB: true, ...options }), columns: false };
}

function flip(matrix: Tensor): Tensor {
  const [m, n] = matrix.shape as [number, number];
  return m === 1 || n === 1 ? reshape(matrix, [n, m]) : transpose(matrix, [1, 0]);
}
