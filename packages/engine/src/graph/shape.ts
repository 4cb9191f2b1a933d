import { ShapeError } from "../errors.ts";
import type { Op } from "./op.ts";
import { type DataType, type Shape, sizeOf, type Tensor } from "./tensor.ts";

/** Shape and type of what an operation yields. Throws `ShapeError` where the inputs do not fit. */
export function inferShape(op: Op, inputs: readonly Tensor[]): { shape: Shape; dtype: DataType } {
  const shape = resultShape(op, inputs);
  inputs.forEach(({ dtype }, index) => {
    const expected = operandType(op, index) ?? inputs[0]!.dtype;
    if (dtype !== expected && op.kind !== "tie")
      throw new ShapeError(
        `${op.kind} of ${inputs.map(described).join(", ")}: input ${index} must be ${expected}`,
      );
  });
  const dtype =
    op.kind === "input" || op.kind === "constant" || op.kind === "cast"
      ? op.dtype
      : (inputs[0]?.dtype ?? "float32");
  return { shape, dtype };
}

/** NumPy's broadcasting of two shapes. */
function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) throw new ShapeError(`cannot broadcast [${a}] with [${b}]`);
    return m === 1 ? n : m;
  });
}

const described = ({ shape, dtype }: Tensor) => `${dtype === "float32" ? "" : dtype}[${shape}]`;

/** The type that an input must have, where it is not that of the first input. */
function operandType(op: Op, index: number): DataType | undefined {
  if (index !== 1) return undefined;
  if (op.kind === "rope") return "int64";
  return op.kind === "gatherRows" || op.kind === "scatterAddRows" || op.kind === "pickColumn"
    ? "int32"
    : undefined;
}

function resultShape(op: Op, inputs: readonly Tensor[]): Shape {
  const x = inputs[0]?.shape ?? [];
  const fail = (why: string): never => {
    throw new ShapeError(`${op.kind} of ${inputs.map(described).join(", ")}: ${why}`);
  };
  switch (op.kind) {
    case "input":
    case "constant":
      throw new ShapeError(`${op.kind} states its own shape`);
    case "neg":
    case "exp":
    case "log":
    case "sqrt":
    case "reciprocal":
    case "sigmoid":
    case "silu":
    case "tanh":
    case "stopGradient":
    case "clip":
    case "within":
    case "softmax":
    case "tie":
    case "boundary":
    case "cast":
      return x;
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "minimum":
    case "maximum":
    case "lessOrEqual":
      return broadcastShapes(x, inputs[1]!.shape);
    case "matmul": {
      const y = inputs[1]!.shape;
      if (x.length < 2 || x.length !== y.length) return fail("needs two inputs of the same rank, at least 2");
      const lead = broadcastShapes(x.slice(0, -2), y.slice(0, -2));
      const [m, k] = op.transA ? [x.at(-1)!, x.at(-2)!] : [x.at(-2)!, x.at(-1)!];
      const [k2, n] = op.transB ? [y.at(-1)!, y.at(-2)!] : [y.at(-2)!, y.at(-1)!];
      if (k !== k2) return fail(`inner sizes ${k} and ${k2} differ`);
      const shape = [...lead, m, n];
      const plus = inputs[2];
      if (plus && (lead.length > 0 || broadcastShapes(plus.shape, shape).join() !== shape.join()))
        return fail("the addend must be 2-D and fit the result");
      return shape;
    }
    case "reshape":
      if (sizeOf(op.shape) !== sizeOf(x)) return fail(`cannot become [${op.shape}]`);
      return op.shape;
    case "transpose":
      if (op.perm.toSorted((a, b) => a - b).join() !== [...x.keys()].join())
        return fail(`${op.perm} is not an order of its axes`);
      return op.perm.map((axis) => x[axis]!);
    case "slice":
      if (op.start < 0 || op.end > (x[op.axis] ?? -1) || op.start > op.end)
        return fail(`range ${op.start}…${op.end} of axis ${op.axis}`);
      return x.map((n, axis) => (axis === op.axis ? op.end - op.start : n));
    case "concat": {
      for (const input of inputs)
        if (
          input.shape.length !== x.length ||
          input.shape.some((n, axis) => axis !== op.axis && n !== x[axis])
        )
          return fail(`cannot join along axis ${op.axis}`);
      return x.map((n, axis) => (axis === op.axis ? inputs.reduce((sum, t) => sum + t.shape[axis]!, 0) : n));
    }
    case "broadcast":
      if (broadcastShapes(x, op.shape).join() !== op.shape.join()) return fail(`cannot become [${op.shape}]`);
      return op.shape;
    case "reduceSum":
    case "reduceMax":
      if (op.axis < 0 || op.axis >= x.length) return fail(`axis ${op.axis}`);
      return op.keepDims
        ? x.map((n, axis) => (axis === op.axis ? 1 : n))
        : x.filter((_, axis) => axis !== op.axis);
    case "gatherRows":
      if (x.length !== 2 || inputs[1]!.shape.length !== 1)
        return fail("needs a 2-D table and a list of rows");
      return [inputs[1]!.shape[0]!, x[1]!];
    case "scatterAddRows": {
      const [rows, width] = inputs[2]!.shape;
      if (x.length !== 2 || inputs[1]!.shape.length !== 1 || rows !== inputs[1]!.shape[0] || width !== x[1])
        return fail("updates must be [indices, width]");
      return x;
    }
    case "pickColumn":
      if (x.length !== 2 || inputs[1]!.shape.length !== 1 || inputs[1]!.shape[0] !== x[0])
        return fail("needs [n, width] and n columns");
      return [x[0]!, 1];
    case "rmsNorm":
      if (x.length !== 2 || inputs[1]!.shape.length !== 1 || inputs[1]!.shape[0] !== x[1])
        return fail("needs [n, width] and a weight of that width");
      return x;
    case "rmsInverse":
      if (inputs[0]!.op.kind !== "rmsNorm") return fail("its input must be an rmsNorm tensor");
      return [x[0]!, 1];
    case "rope": {
      const [batch, time, width] = x;
      const half = op.headDim / 2;
      if (x.length !== 3 || width! % op.headDim !== 0) return fail("needs [batch, time, heads·headDim]");
      if (inputs[1]!.shape.join() !== [batch, time].join()) return fail("positions must be [batch, time]");
      if (inputs[2]!.shape[0]! < time!)
        return fail("cos and sin need at least as many rows as there are times");
      if (inputs[2]!.shape[1] !== half || inputs[3]!.shape[1] !== half)
        return fail("cos and sin need headDim / 2 columns");
      return x;
    }
  }
}
