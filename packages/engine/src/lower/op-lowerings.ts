import { UnsupportedOpError } from "../errors.ts";
import type { OpKind, OpOf } from "../graph/op.ts";
import type { DataType, Shape, Tensor } from "../graph/tensor.ts";
import type { OnnxEmitter } from "./onnx-emitter.ts";
import { onnxTypeCode } from "./onnx-model.ts";

/** Writes the nodes of one operation; `x` names the values of its inputs. Returns the name of the result. */
type Lowering<K extends OpKind> = (
  emit: OnnxEmitter,
  op: OpOf<K>,
  x: readonly string[],
  node: Tensor,
) => string;

/** `alias`: the result is the first input. `graph`: has no nodes, `lower-graph.ts` names its value. */
type LoweringEntry<K extends OpKind> = Lowering<K> | "alias" | "graph";

const microsoft = { domain: "com.microsoft" } as const;

const plain =
  (opType: string): Lowering<OpKind> =>
  (emit, _op, x) =>
    emit.node(opType, x);

/**
 * One entry for each operation: ONNX operator set 18 plus ONNX Runtime's own operators (domain com.microsoft) where they
 * were measured to win.
 */
const opLowerings: { readonly [K in OpKind]: LoweringEntry<K> } = {
  input: "graph",
  stopGradient: "alias",
  boundary: "alias",
  constant: (emit, { values, dtype }, _x, { shape }) => emit.constant(values, shape, dtype),

  neg: plain("Neg"),
  exp: plain("Exp"),
  log: plain("Log"),
  sqrt: plain("Sqrt"),
  reciprocal: plain("Reciprocal"),
  sigmoid: plain("Sigmoid"),
  tanh: plain("Tanh"),
  silu: (emit, _op, x) => emit.node("QuickGelu", x, { alpha: { float: 1 } }, microsoft),
  clip: (emit, { low, high }, x, { dtype }) => clipped(emit, x[0]!, low, high, dtype),
  // x equals its clipped value exactly where it lies within; NaN equals nothing.
  within: (emit, { low, high }, x, { dtype }) =>
    castBool(emit, emit.node("Equal", [clipped(emit, x[0]!, low, high, dtype), x[0]!]), dtype),
  cast: (emit, { dtype }, x) => emit.node("Cast", x, { to: { int: onnxTypeCode[dtype] } }),

  add: plain("Add"),
  sub: plain("Sub"),
  mul: plain("Mul"),
  div: plain("Div"),
  minimum: plain("Min"),
  maximum: plain("Max"),
  lessOrEqual: (emit, _op, x, { dtype }) => castBool(emit, emit.node("LessOrEqual", x), dtype),

  // The plain product has kernels of its own for one row. Gemm alone adds, FusedMatMul alone takes more axes.
  matmul: (emit, { transA, transB, alpha }, x, { shape }) => {
    if (!transA && !transB && alpha === 1 && x.length === 2) return emit.node("MatMul", x);
    const attributes = {
      transA: { int: Number(transA) },
      transB: { int: Number(transB) },
      alpha: { float: alpha },
    };
    return shape.length === 2
      ? emit.node("Gemm", x, attributes)
      : emit.node("FusedMatMul", x, attributes, microsoft);
  },

  reshape: (emit, { shape }, x) => reshaped(emit, x[0]!, shape),
  transpose: (emit, { perm }, x) => emit.node("Transpose", x, { perm: { ints: perm } }),
  slice: (emit, { axis, start, end }, x) =>
    emit.node("Slice", [x[0]!, emit.ints(start), emit.ints(end), emit.ints(axis)]),
  concat: (emit, { axis }, x) => emit.node("Concat", x, { axis: { int: axis } }),
  broadcast: (emit, { shape }, x) => emit.node("Expand", [x[0]!, emit.ints(...shape)]),
  reduceSum: (emit, { axis, keepDims }, x, { shape, inputs: [from] }) => {
    // Adding up the rows of a matrix is faster as a product with ones.
    if (from!.shape.length !== 2 || axis !== 0 || from!.dtype !== "float32")
      return reduced(emit, "ReduceSum", x[0]!, axis, keepDims);
    const sums = emit.node("MatMul", [emit.filled(1, [1, from!.shape[0]!]), x[0]!]);
    return keepDims ? sums : reshaped(emit, sums, shape);
  },
  reduceMax: (emit, { axis, keepDims }, x) => reduced(emit, "ReduceMax", x[0]!, axis, keepDims),
  softmax: (emit, _op, x) => emit.node("Softmax", x, { axis: { int: -1 } }),

  gatherRows: (emit, _op, x) => emit.node("Gather", x, { axis: { int: 0 } }),
  // ScatterND alone of the indexing operators refuses int32.
  scatterAddRows: (emit, _op, [base, indices, updates], { inputs }) => {
    const rows = reshaped(emit, indices!, [...inputs[1]!.shape, 1]);
    const rows64 = emit.node("Cast", [rows], { to: { int: onnxTypeCode.int64 } });
    return emit.node("ScatterND", [base!, rows64, updates!], { reduction: { text: "add" } });
  },
  pickColumn: (emit, _op, [x, column], { shape }) =>
    emit.node("GatherElements", [x!, reshaped(emit, column!, shape)], { axis: { int: 1 } }),

  rmsNorm: (emit, { epsilon }, x) => {
    const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
    return emit.node("SimplifiedLayerNormalization", x, attributes, { results: 2 });
  },
  rmsInverse: (emit, _op, [norm]) => emit.secondResult(norm!),
  // Turning back is turning by the negative angle.
  rope: (emit, { inverse }, [x, positions, cos, sin]) => {
    const inputs = [x!, positions!, cos!, inverse ? emit.node("Neg", [sin!]) : sin!];
    return emit.node("RotaryEmbedding", inputs, {}, microsoft);
  },

  // Joining empty pieces of the others makes x wait for them and changes nothing else.
  tie: (emit, _op, [x, ...others], { inputs: [first, ...rest] }) => {
    const shape = first!.shape.length === 0 ? [1] : first!.shape;
    const pieces = others.map((name, index) => emptyPiece(emit, name, rest[index]!, first!.dtype, shape));
    const whole = first!.shape.length === 0 ? reshaped(emit, x!, shape) : x!;
    const joined = emit.node("Concat", [whole, ...pieces], { axis: { int: 0 } });
    return first!.shape.length === 0 ? reshaped(emit, joined, []) : joined;
  },
};

/** The name of the value of `node`, whose inputs have the names `x`. Throws `UnsupportedOpError` where there is no rule. */
export function lowerOp(emit: OnnxEmitter, node: Tensor, x: readonly string[]): string {
  const lowering = opLowerings[node.op.kind] as LoweringEntry<OpKind> | undefined;
  if (lowering === "alias") return x[0]!;
  if (typeof lowering !== "function") throw new UnsupportedOpError(`${node.op.kind} has no lowering`);
  return lowering(emit, node.op, x, node);
}

function clipped(emit: OnnxEmitter, x: string, low: number, high: number, dtype: DataType): string {
  return emit.node("Clip", [x, emit.constant([low], [], dtype), emit.constant([high], [], dtype)]);
}

function castBool(emit: OnnxEmitter, bool: string, dtype: DataType): string {
  return emit.node("Cast", [bool], { to: { int: onnxTypeCode[dtype] } });
}

function reshaped(emit: OnnxEmitter, x: string, shape: Shape): string {
  return emit.node("Reshape", [x, emit.ints(...shape)], { allowzero: { int: 1 } });
}

function reduced(emit: OnnxEmitter, opType: string, x: string, axis: number, keepDims: boolean): string {
  return emit.node(opType, [x, emit.ints(axis)], { keepdims: { int: Number(keepDims) } });
}

/** Nothing of `x`, in a form that can be joined to a tensor of this type and shape along axis 0. */
function emptyPiece(
  emit: OnnxEmitter,
  x: string,
  { shape: from, dtype: type }: Tensor,
  dtype: DataType,
  shape: Shape,
): string {
  const list = from.length === 0 ? reshaped(emit, x, [1]) : x;
  const none = emit.node("Slice", [list, emit.ints(0), emit.ints(0), emit.ints(0)]);
  const typed = type === dtype ? none : emit.node("Cast", [none], { to: { int: onnxTypeCode[dtype] } });
  const tail = shape.slice(1);
  return from.slice(1).join() === tail.join() ? typed : reshaped(emit, typed, [0, ...tail]);
}
