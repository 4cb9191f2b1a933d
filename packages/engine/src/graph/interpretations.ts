import type { ElementwiseBinary, ElementwiseUnary, OpKind, OpOf } from "./op.ts";
import { positionOf } from "./position.ts";
import { type Shape, sizeOf, type Tensor } from "./tensor.ts";

/** The value of one node, from the elements of its inputs. */
export type Interpretation<K extends OpKind> = (
  op: OpOf<K>,
  node: Tensor,
  read: ElementReader,
) => Float64Array;

/** The element of the n-th input at a position, which broadcasts like NumPy. */
type ElementReader = (input: number, position: readonly number[]) => number;

const unary =
  (compute: (x: number) => number): Interpretation<OpKind> =>
  (_op, node, read) =>
    fill(node.shape, (at) => compute(read(0, at)));

const binary =
  (compute: (a: number, b: number) => number): Interpretation<OpKind> =>
  (_op, node, read) =>
    fill(node.shape, (at) => compute(read(0, at), read(1, at)));

const identity = unary((x) => x);
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

const elementwise: { readonly [K in ElementwiseUnary | ElementwiseBinary]: Interpretation<OpKind> } = {
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((x) => 1 / x),
  sigmoid: unary(logistic),
  silu: unary((x) => x * logistic(x)),
  tanh: unary(Math.tanh),
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  minimum: binary(Math.min),
  maximum: binary(Math.max),
  lessOrEqual: binary((a, b) => Number(a <= b)),
};

/** What each operation means, said as plainly as possible; `input` is answered by the feeds. */
export const interpretations: { readonly [K in Exclude<OpKind, "input">]: Interpretation<K> } = {
  ...elementwise,
  constant: ({ values }) => Float64Array.from(values),
  stopGradient: identity,
  tie: identity,
  boundary: identity,
  cast: ({ dtype }, node, read) =>
    fill(node.shape, (at) => (dtype === "float32" ? read(0, at) : Math.trunc(read(0, at)))),
  clip: ({ low, high }, node, read) => fill(node.shape, (at) => Math.min(Math.max(read(0, at), low), high)),
  within: ({ low, high }, node, read) =>
    fill(node.shape, (at) => Number(low <= read(0, at) && read(0, at) <= high)),

  matmul: ({ transA, transB, alpha }, { shape, inputs: [a, , plus] }, read) =>
    fill(shape, (at) => {
      const [lead, row, column] = [at.slice(0, -2), at.at(-2)!, at.at(-1)!];
      const product = total(a!.shape.at(transA ? -2 : -1)!, (k) => {
        const left = read(0, [...lead, ...(transA ? [k, row] : [row, k])]);
        return left * read(1, [...lead, ...(transB ? [column, k] : [k, column])]);
      });
      return alpha * product + (plus ? read(2, at) : 0);
    }),

  reshape: (_op, { shape, inputs: [x] }, read) => {
    let flat = 0;
    return fill(shape, () => read(0, positionOf(flat++, x!.shape)));
  },
  transpose: ({ perm }, { shape }, read) =>
    fill(shape, (at) =>
      read(
        0,
        perm.map((_, axis) => at[perm.indexOf(axis)]!),
      ),
    ),
  slice: ({ axis, start }, { shape }, read) => fill(shape, (at) => read(0, at.with(axis, at[axis]! + start))),
  concat: ({ axis }, { shape, inputs }, read) =>
    fill(shape, (at) => {
      let place = at[axis]!;
      let part = 0;
      while (place >= inputs[part]!.shape[axis]!) place -= inputs[part++]!.shape[axis]!;
      return read(part, at.with(axis, place));
    }),
  broadcast: identity,
  reduceSum: ({ axis, keepDims }, { shape, inputs: [x] }, read) =>
    fill(shape, (at) => total(x!.shape[axis]!, (k) => read(0, along(at, axis, k, keepDims)))),
  reduceMax: ({ axis, keepDims }, { shape, inputs: [x] }, read) =>
    fill(shape, (at) => Math.max(...range(x!.shape[axis]!, (k) => read(0, along(at, axis, k, keepDims))))),
  softmax: (_op, { shape }, read) =>
    fill(shape, (at) => {
      const row = range(shape.at(-1)!, (k) => read(0, at.with(-1, k)));
      const largest = Math.max(...row);
      return Math.exp(row[at.at(-1)!]! - largest) / total(row.length, (k) => Math.exp(row[k]! - largest));
    }),

  gatherRows: (_op, { shape }, read) => fill(shape, ([n, column]) => read(0, [read(1, [n!]), column!])),
  scatterAddRows: (_op, { shape, inputs: [, indices] }, read) =>
    fill(shape, ([row, column]) => {
      const added = (n: number) => (read(1, [n]) === row ? read(2, [n, column!]) : 0);
      return read(0, [row!, column!]) + total(indices!.shape[0]!, added);
    }),
  pickColumn: (_op, { shape }, read) => fill(shape, ([n]) => read(0, [n!, read(1, [n!])])),

  rmsNorm: (_op, node, read) =>
    fill(
      node.shape,
      ([n, column]) =>
        read(0, [n!, column!]) * inverseRms(node, (k) => read(0, [n!, k])) * read(1, [column!]),
    ),
  // Its reader is that of the norm: the norm's value does not tell the factor where x or the weight is zero.
  rmsInverse: (_op, { shape, inputs: [norm] }, read) =>
    fill(shape, ([n]) => inverseRms(norm!, (k) => read(0, [n!, k]))),
  rope: ({ headDim, inverse }, { shape }, read) =>
    fill(shape, ([batch, time, column]) => {
      const half = headDim / 2;
      const inHead = column! % headDim;
      const angle = [read(1, [batch!, time!]), inHead % half];
      const sin = read(3, angle) * (inverse ? -1 : 1) * (inHead < half ? -1 : 1);
      const partner = inHead < half ? column! + half : column! - half;
      return read(0, [batch!, time!, column!]) * read(2, angle) + read(0, [batch!, time!, partner]) * sin;
    }),
};

function inverseRms({ op, shape }: Tensor, element: (column: number) => number): number {
  const epsilon = op.kind === "rmsNorm" ? op.epsilon : Number.NaN;
  return 1 / Math.sqrt(total(shape[1]!, (k) => element(k) ** 2) / shape[1]! + epsilon);
}

function fill(shape: Shape, element: (position: number[]) => number): Float64Array {
  return Float64Array.from({ length: sizeOf(shape) }, (_, index) => element(positionOf(index, shape)));
}

function range(length: number, element: (index: number) => number): number[] {
  return Array.from({ length }, (_, index) => element(index));
}

function total(length: number, term: (index: number) => number): number {
  return range(length, term).reduce((sum, x) => sum + x, 0);
}

/** The place `k` along an axis that is missing from `position`, or 0 there. */
function along(position: readonly number[], axis: number, k: number, kept: boolean): number[] {
  return position.toSpliced(axis, Number(kept), k);
}
