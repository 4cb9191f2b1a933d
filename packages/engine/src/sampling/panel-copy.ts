import { evenPart } from "./even-part.ts";

/** Copies by the matrix that they were made of, for as long as that one lives. */
const copies = new WeakMap<Float32Array, Float32Array>();

/** Outputs of a panel: so many sums fill the registers of the runtime's kernel for one row. */
const WIDTH = 32;
/** Narrower panels would not pay off. */
const LEAST_WIDTH = 8;

/** Inputs copied at a time: a tile of both fits the first-level cache. */
const TILE = 32;

/** Shape [panels, inputs, width] in which a weight [outputs, inputs] is read from front to back for one row. */
export function panelShape(outputs: number, inputs: number): readonly [number, number, number] {
  const width = evenPart(outputs, LEAST_WIDTH, WIDTH);
  return [outputs / width, inputs, width];
}

/** A matrix [outputs, inputs] that never changes, as panels, made once. */
export function panelCopy(
  matrix: Float32Array,
  [panels, inputs, width]: readonly [number, number, number],
): Float32Array {
  let copy = copies.get(matrix);
  if (!copy) {
    copy = new Float32Array(matrix.length);
    for (let panel = 0; panel < panels; panel++)
      for (let left = 0; left < inputs; left += TILE) {
        const right = Math.min(left + TILE, inputs);
        for (let column = 0; column < width; column++) {
          const row = (panel * width + column) * inputs;
          let to = (panel * inputs + left) * width + column;
          for (let from = row + left; from < row + right; from++, to += width) copy[to] = matrix[from]!;
        }
      }
    copies.set(matrix, copy);
  }
  return copy;
}
