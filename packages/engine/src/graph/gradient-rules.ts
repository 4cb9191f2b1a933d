import { UnsupportedOpError } from "../errors.ts";
import {
  add,
  broadcast,
  concat,
  constant,
  div,
  filled,
  gatherRows,
  lessOrEqual,
  matmul,
  mul,
  neg,
  reduceSum,
  reshape,
  rmsInverse,
  rope,
  scatterAddRows,
  sigmoid,
  slice,
  sub,
  transpose,
  within,
} from "./build.ts";
import type { OpKind, OpOf } from "./op.ts";
import { type Shape, sizeOf, type Tensor } from "./tensor.ts";

/**
 * Gradients of the inputs of `node`, given `dy`, the gradient of its value: one per input, in order, each of its
 * input's shape; null or missing where none flows. What nobody asks for is never reached, so rules need not save work.
 */
type GradientRule<K extends OpKind> = (op: OpOf<K>, node: Tensor, dy: Tensor) => readonly (Tensor | null)[];

/** `zero`: piecewise constant or a source, nothing flows. `unsupported`: asking for it is an error. */
type RuleEntry<K extends OpKind> = GradientRule<K> | "zero" | "unsupported";

export const gradientRules: { readonly [K in OpKind]: RuleEntry<K> } = {
  input: "zero",
  constant: "zero",
  stopGradient: "zero",
  within: "zero",
  lessOrEqual: "zero",
  // Its input stands for x, which a rule on that input cannot reach; only second derivatives would need it.
  rmsInverse: "unsupported",

  neg: (_op, _node, dy) => [neg(dy)],
  exp: (_op, y, dy) => [mul(dy, y)],
  log: (_op, { inputs: [x] }, dy) => [div(dy, x!)],
  sqrt: (_op, y, dy) => [div(mul(dy, 0.5), y)],
  reciprocal: (_op, y, dy) => [neg(mul(dy, mul(y, y)))],
  sigmoid: (_op, y, dy) => [mul(dy, sub(y, mul(y, y)))],
  tanh: (_op, y, dy) => [sub(dy, mul(dy, mul(y, y)))],
  silu: (_op, y, dy) => {
    const s = sigmoid(y.inputs[0]!);
    return [mul(dy, add(s, sub(y, mul(y, s))))];
  },
  clip: ({ low, high }, { inputs: [x] }, dy) => [mul(dy, within(x!, low, high))],

  add: (_op, { inputs: [a, b] }, dy) => [unbroadcast(dy, a!.shape), unbroadcast(dy, b!.shape)],
  sub: (_op, { inputs: [a, b] }, dy) => [unbroadcast(dy, a!.shape), unbroadcast(neg(dy), b!.shape)],
  mul: (_op, { inputs: [a, b] }, dy) => [
    unbroadcast(mul(dy, b!), a!.shape),
    unbroadcast(mul(dy, a!), b!.shape),
  ],
  div: (_op, y, dy) => {
    const [a, b] = y.inputs;
    const da = div(dy, b!);
    return [unbroadcast(da, a!.shape), unbroadcast(neg(mul(da, y)), b!.shape)];
  },
  // Where both are equal the first input takes the whole gradient.
  minimum: (_op, { inputs: [a, b] }, dy) => chooseFirst(a!, b!, dy, lessOrEqual(a!, b!)),
  maximum: (_op, { inputs: [a, b] }, dy) => chooseFirst(a!, b!, dy, lessOrEqual(b!, a!)),

  matmul: ({ transA, transB, alpha }, { inputs: [a, b, plus] }, dy) => [
    unbroadcast(
      transA
        ? matmul(b!, dy, { transA: transB, transB: true, alpha })
        : matmul(dy, b!, { transB: !transB, alpha }),
      a!.shape,
    ),
    unbroadcast(
      transB
        ? matmul(dy, a!, { transA: true, transB: transA, alpha })
        : matmul(a!, dy, { transA: !transA, alpha }),
      b!.shape,
    ),
    plus ? unbroadcast(dy, plus.shape) : null,
  ],

  reshape: (_op, { inputs: [x] }, dy) => [reshape(dy, x!.shape)],
  transpose: ({ perm }, _node, dy) => [
    transpose(
      dy,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ],
  slice: ({ axis, start, end }, { inputs: [x] }, dy) => {
    const zeros = (length: number) =>
      length > 0
        ? [
            filled(
              0,
              x!.shape.map((n, k) => (k === axis ? length : n)),
            ),
          ]
        : [];
    return [concat([...zeros(start), dy, ...zeros(x!.shape[axis]! - end)], axis)];
  },
  concat: ({ axis }, { inputs }, dy) => {
    let end = 0;
    return inputs.map((x) => {
      const start = end;
      end += x.shape[axis]!;
      return slice(dy, axis, start, end);
    });
  },
  broadcast: (_op, { inputs: [x] }, dy) => [unbroadcast(dy, x!.shape)],
  reduceSum: ({ axis }, { inputs: [x] }, dy) => [broadcast(reshape(dy, keptShape(x!, axis)), x!.shape)],
  // Equal maxima share the gradient.
  reduceMax: ({ axis }, y, dy) => {
    const x = y.inputs[0]!;
    const isMax = lessOrEqual(reshape(y, keptShape(x, axis)), x);
    return [mul(isMax, div(reshape(dy, keptShape(x, axis)), reduceSum(isMax, axis)))];
  },
  softmax: (_op, p, dy) => [mul(p, sub(dy, reduceSum(mul(dy, p), p.shape.length - 1)))],

  gatherRows: (_op, { inputs: [table, indices] }, dy) => [
    scatterAddRows(filled(0, table!.shape), indices!, dy),
  ],
  scatterAddRows: (_op, { inputs: [, indices] }, dy) => [dy, null, gatherRows(dy, indices!)],
  pickColumn: (_op, { inputs: [x, column] }, dy) => {
    const [n, width] = x!.shape as [number, number];
    const rowStarts = constant(
      Array.from({ length: n }, (_, row) => row * width),
      [n],
      "int32",
    );
    const flat = scatterAddRows(filled(0, [n * width, 1]), add(rowStarts, column!), dy);
    return [reshape(flat, [n, width])];
  },
  // dx = inverse · (dy · w − x · (Σ dy · x · w) · inverse² / width) and dw = Σ dy · x · inverse, the sums as matrix products.
  rmsNorm: (_op, y, dy) => {
    const [x, weight] = y.inputs as [Tensor, Tensor];
    const width = weight.shape[0]!;
    const inverse = rmsInverse(y);
    const product = mul(dy, x);
    const along = matmul(product, reshape(weight, [width, 1]), { alpha: 1 / width });
    const share = mul(along, mul(inverse, inverse));
    return [
      mul(sub(mul(dy, weight), mul(x, share)), inverse),
      reshape(matmul(inverse, product, { transA: true }), [width]),
    ];
  },
  rope: ({ headDim, inverse }, { inputs: [, positions, cos, sin] }, dy) => [
    rope(dy, positions!, cos!, sin!, { headDim, inverse: !inverse }),
  ],
  tie: (_op, _node, dy) => [dy],
  boundary: (_op, _node, dy) => [dy],
  cast: (_op, { dtype }, dy) => (dtype === "float32" ? [dy] : []),
};

/** Whether a gradient can pass through this node at all. */
export function passesGradient(node: Tensor): boolean {
  return node.dtype === "float32" && gradientRules[node.op.kind] !== "zero";
}

/** Gradients of the inputs of one node. Throws `UnsupportedOpError` where there is no rule. */
export function inputGradients(node: Tensor, dy: Tensor): readonly (Tensor | null)[] {
  const rule = gradientRules[node.op.kind] as RuleEntry<OpKind> | undefined;
  if (rule === "zero") return [];
  if (typeof rule !== "function") throw new UnsupportedOpError(`${node.op.kind} has no gradient rule`);
  return rule(node.op, node, dy);
}

/** Sums a gradient back to the shape that was broadcast. */
function unbroadcast(dy: Tensor, shape: Shape): Tensor {
  if (dy.shape.join() === shape.join()) return dy;
  const added = dy.shape.length - shape.length;
  // A number that met a tensor: one sum over everything in place of one for each axis.
  if (sizeOf(shape) === 1) return reshape(reduceSum(reshape(dy, [1, sizeOf(dy.shape)]), 1), shape);
  const summed = dy.shape.reduce(
    (sum, n, axis) => (n !== 1 && (axis < added || shape[axis - added] === 1) ? reduceSum(sum, axis) : sum),
    dy,
  );
  return reshape(summed, shape);
}

function chooseFirst(a: Tensor, b: Tensor, dy: Tensor, first: Tensor): [Tensor, Tensor] {
  const da = mul(dy, first);
  return [unbroadcast(da, a.shape), unbroadcast(sub(dy, da), b.shape)];
}

const keptShape = (x: Tensor, axis: number): Shape => x.shape.map((n, k) => (k === axis ? 1 : n));
