import { expect, test } from "vitest";
import { transposedCopy } from "./transposed-copy.ts";

test("turns matrices of any size, once", () => {
  for (const [rows, columns] of [
    [1, 5],
    [33, 65],
    [64, 32],
  ] as const) {
    const matrix = Float32Array.from({ length: rows * columns }, (_, i) => i);
    const copy = transposedCopy(matrix, rows, columns);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        expect(copy[column * rows + row]).toBe(row * columns + column);
    expect(transposedCopy(matrix, rows, columns)).toBe(copy);
  }
});
