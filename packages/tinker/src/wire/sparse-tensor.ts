import { TinkerError } from "../errors.ts";

/** Most values of a tensor that is sent sparse and unpacked here: a bound on what a few bytes can make us allocate. */
const MOST_VALUES = 1 << 26;

/** A compressed-sparse-row matrix. */
export interface SparseRows {
  /** [rows, columns] */
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  /** For each row where its values begin; one more at the end. */
  readonly crowIndices: ArrayLike<number>;
  readonly colIndices: ArrayLike<number>;
}

/** The dense values of a sparse matrix, zeros where it holds none. Throws `TinkerError` where its indices do not fit. */
export function denseValues({ shape, values, crowIndices, colIndices }: SparseRows): Float64Array {
  const fault = (what: string) => new TinkerError("user", `sparse tensor of shape [${shape}]: ${what}`);
  const [rows = -1, columns = -1] = shape;
  if (shape.length !== 2 || !isSize(rows) || !isSize(columns)) throw fault("only two dimensions are read");
  if (rows * columns > MOST_VALUES) throw fault(`has more than ${MOST_VALUES} values`);
  if (crowIndices.length !== rows + 1) throw fault(`has ${crowIndices.length} row indices, not ${rows + 1}`);
  if (colIndices.length !== values.length)
    throw fault(`has ${colIndices.length} column indices for ${values.length} values`);
  const dense = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [crowIndices[row]!, crowIndices[row + 1]!];
    if (!isSize(from) || !isSize(to) || from > to || to > values.length)
      throw fault(`row ${row} goes from ${from} to ${to}`);
    for (let i = from; i < to; i++) {
      const column = colIndices[i]!;
      if (!isSize(column) || column >= columns) throw fault(`row ${row} has a value in column ${column}`);
      dense[row * columns + column] = values[i]!;
    }
  }
  return dense;
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
