/** Copies by the matrix that they were made of, for as long as that one lives. */
const copies = new WeakMap<Float32Array, Float32Array>();

/** Side of the square tiles in which a matrix is turned: a tile of both fits the first-level cache. */
const TILE = 32;

/** The transpose of a matrix [rows, columns] that never changes, made once. */
export function transposedCopy(matrix: Float32Array, rows: number, columns: number): Float32Array {
  let copy = copies.get(matrix);
  if (!copy) {
    copy = new Float32Array(matrix.length);
    for (let top = 0; top < rows; top += TILE)
      for (let left = 0; left < columns; left += TILE) {
        const bottom = Math.min(top + TILE, rows);
        const right = Math.min(left + TILE, columns);
        for (let column = left; column < right; column++)
          for (let row = top; row < bottom; row++)
            copy[column * rows + row] = matrix[row * columns + column]!;
      }
    copies.set(matrix, copy);
  }
  return copy;
}
