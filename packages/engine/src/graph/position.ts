import type { Shape } from "./tensor.ts";

/** Where the element with this row-major index stands. */
export function positionOf(index: number, shape: Shape): number[] {
  const position = Array<number>(shape.length).fill(0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position[axis] = index % shape[axis]!;
    index = Math.floor(index / shape[axis]!);
  }
  return position;
}

/** Row-major index of a position in a shape, which may have fewer axes or axes of size 1 (NumPy's broadcasting). */
export function indexOf(position: readonly number[], shape: Shape): number {
  const skipped = position.length - shape.length;
  return shape.reduce((index, n, axis) => index * n + (n === 1 ? 0 : position[axis + skipped]!), 0);
}
