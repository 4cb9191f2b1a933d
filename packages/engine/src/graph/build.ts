import type { ElementwiseBinary, ElementwiseUnary, Op } from "./op.ts";
import { inferShape } from "./shape.ts";
import { type DataType, type Shape, sizeOf, type Tensor } from "./tensor.ts";

let nextId = 0;

function node(op: Op, inputs: readonly Tensor[], stated?: { shape: Shape; dtype: DataType }): Tensor {
  const { shape, dtype } = stated ?? inferShape(op, inputs);
  return { id: nextId++, op, inputs, shape, dtype };
}

/** A new tensor of the same operation on other inputs (used when a graph is rewritten). */
export function rebuild(op: Op, inputs: readonly Tensor[]): Tensor {
  return node(op, inputs);
}

/** A value fed at run time under this name. */
export function input(name: string, shape: Shape, dtype: DataType = "float32"): Tensor {
  return node({ kind: "input", name, dtype }, [], { shape, dtype });
}

/** A small constant; a number gives a scalar. */
export function constant(
  values: number | readonly number[],
  shape: Shape = typeof values === "number" ? [] : [values.length],
  dtype: DataType = "float32",
): Tensor {
  const list = typeof values === "number" ? Array<number>(sizeOf(shape)).fill(values) : values;
  return node({ kind: "constant", values: list, dtype }, [], { shape, dtype });
}

/** One value everywhere. */
export const filled = (value: number, shape: Shape) => broadcast(constant(value), shape);

const unary = (kind: ElementwiseUnary) => (x: Tensor) => node({ kind }, [x]);
const binary = (kind: ElementwiseBinary) => (first: Tensor, second: Tensor | number) => {
  const b = typeof second === "number" ? constant(second, [], first.dtype) : second;
  return node({ kind }, [spread(first, b), spread(b, first)]);
};

/** What was broadcast to `x`, where an operation with `other` broadcasts it by itself. */
function spread(x: Tensor, other: Tensor): Tensor {
  const repeated = x.op.kind === "broadcast" && other.op.kind !== "broadcast";
  return repeated && other.shape.join() === x.shape.join() ? x.inputs[0]! : x;
}

export const neg = unary("neg");
export const exp = unary("exp");
export const log = unary("log");
export const sqrt = unary("sqrt");
export const reciprocal = unary("reciprocal");
export const sigmoid = unary("sigmoid");
/** x · sigmoid(x). */
export const silu = unary("silu");
export const tanh = unary("tanh");
export const add = binary("add");
export const sub = binary("sub");
export const mul = binary("mul");
export const div = binary("div");
export const minimum = binary("minimum");
export const maximum = binary("maximum");
/** 1 where a ≤ b, else 0. */
export const lessOrEqual = binary("lessOrEqual");

export const stopGradient = (x: Tensor) => node({ kind: "stopGradient" }, [x]);
export const clip = (x: Tensor, low: number, high: number) => node({ kind: "clip", low, high }, [x]);
export const within = (x: Tensor, low: number, high: number) => node({ kind: "within", low, high }, [x]);

/** alpha · op(a) · op(b) (+ plus), over the last two axes; the addend only for 2-D operands. */
export function matmul(
  a: Tensor,
  b: Tensor,
  options: { transA?: boolean; transB?: boolean; alpha?: number; plus?: Tensor } = {},
): Tensor {
  const { transA = false, transB = false, alpha = 1, plus } = options;
  return node({ kind: "matmul", transA, transB, alpha }, plus ? [a, b, plus] : [a, b]);
}

/** A reshaped tensor is reshaped from what it was made of: only the last shape is ever needed. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const from = x.op.kind === "reshape" ? x.inputs[0]! : x;
  return from.shape.join() === shape.join() ? from : node({ kind: "reshape", shape }, [from]);
}
export const transpose = (x: Tensor, perm: readonly number[]) => node({ kind: "transpose", perm }, [x]);
export const slice = (x: Tensor, axis: number, start: number, end: number) =>
  node({ kind: "slice", axis, start, end }, [x]);
export const concat = (xs: readonly Tensor[], axis: number) =>
  xs.length === 1 ? xs[0]! : node({ kind: "concat", axis }, xs);
export const broadcast = (x: Tensor, shape: Shape) => node({ kind: "broadcast", shape }, [x]);
export const reduceSum = (x: Tensor, axis: number, keepDims = true) =>
  node({ kind: "reduceSum", axis, keepDims }, [x]);
export const reduceMax = (x: Tensor, axis: number, keepDims = true) =>
  node({ kind: "reduceMax", axis, keepDims }, [x]);
export const softmax = (x: Tensor) => node({ kind: "softmax" }, [x]);
export const gatherRows = (table: Tensor, indices: Tensor) => node({ kind: "gatherRows" }, [table, indices]);
export const scatterAddRows = (base: Tensor, indices: Tensor, updates: Tensor) =>
  node({ kind: "scatterAddRows" }, [base, indices, updates]);
export const pickColumn = (x: Tensor, index: Tensor) => node({ kind: "pickColumn" }, [x, index]);
export const rmsNorm = (x: Tensor, weight: Tensor, epsilon: number) =>
  node({ kind: "rmsNorm", epsilon }, [x, weight]);
export const rmsInverse = (normed: Tensor) => node({ kind: "rmsInverse" }, [normed]);
export const rope = (
  x: Tensor,
  positions: Tensor,
  cos: Tensor,
  sin: Tensor,
  options: { headDim: number; inverse?: boolean },
) =>
  node({ kind: "rope", headDim: options.headDim, inverse: options.inverse ?? false }, [
    x,
    positions,
    cos,
    sin,
  ]);
export const tie = (x: Tensor, after: readonly Tensor[]) =>
  after.length === 0 ? x : node({ kind: "tie" }, [x, ...after]);
export const boundary = (x: Tensor) => node({ kind: "boundary" }, [x]);
export const cast = (x: Tensor, dtype: DataType) => node({ kind: "cast", dtype }, [x]);
