import { ShapeError } from "../errors.ts";
import { reachable } from "../graph/reach.ts";
import { sizeOf, type Tensor } from "../graph/tensor.ts";
import { verify } from "../graph/verify.ts";
import { OnnxEmitter } from "./onnx-emitter.ts";
import {
  type OnnxGraph,
  type OnnxInitializer,
  type OnnxNode,
  type OnnxValue,
  writeOnnxModel,
} from "./onnx-model.ts";
import { lowerOp } from "./op-lowerings.ts";

/** Results by name. */
export type NamedTensors = Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>;

export interface LoweredGraph {
  /** A serialised ONNX model. */
  readonly bytes: Uint8Array;
  /** What must be fed. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface LoweringOptions {
  /** Values of float32 inputs that become constants of the model; the runtime then packs them once for its kernels. */
  readonly initializers?: ReadonlyMap<string, Float32Array>;
}

/**
 * Writes everything that the outputs reach as one ONNX model. Throws `IllegalGraphError` for a graph that breaks the
 * rules, `UnsupportedOpError` for an operation without a lowering, `ShapeError` for an output with the name of an input
 * or an initializer of another size.
 */
export function lowerGraph(outputs: NamedTensors, options: LoweringOptions = {}): LoweredGraph {
  const graph = onnxGraph(outputs, options);
  return { bytes: writeOnnxModel(graph), inputs: graph.inputs, outputs: graph.outputs };
}

/** The nodes of the model that `lowerGraph` writes. */
export function onnxGraph(outputs: NamedTensors, options: LoweringOptions = {}): OnnxGraph {
  const named = outputs instanceof Map ? [...outputs] : Object.entries(outputs as Record<string, Tensor>);
  const tensors = named.map(([, tensor]) => tensor);
  verify(tensors);
  const nodes = reachable(tensors);
  const emit = new OnnxEmitter();
  const inputs: OnnxValue[] = [];
  const baked: OnnxInitializer[] = [];
  const nameOf = new Map<Tensor, string>();
  const folded = foldableProducts(nodes, new Set(tensors));

  for (const node of nodes) {
    if (node.op.kind === "input") {
      const value = { name: node.op.name, shape: node.shape, dtype: node.dtype };
      const data = options.initializers?.get(value.name);
      if (data && (data.length !== sizeOf(node.shape) || node.dtype !== "float32"))
        throw new ShapeError(
          `initializer ${value.name}: ${data.length} float32 values for ${node.dtype}[${node.shape}]`,
        );
      if (data) baked.push({ ...value, data });
      else inputs.push(value);
      nameOf.set(node, value.name);
    } else if (!folded.products.has(node)) {
      const written = folded.sums.get(node) ?? node;
      nameOf.set(
        node,
        lowerOp(
          emit,
          written,
          written.inputs.map((input) => nameOf.get(input)!),
        ),
      );
    }
  }

  const given = new Set([...inputs, ...baked].map((value) => value.name));
  return {
    nodes: nameResults(emit, named, nameOf, given),
    initializers: [...emit.initializers, ...baked],
    inputs,
    outputs: named.map(([name, { shape, dtype }]) => ({ name, shape, dtype })),
  };
}

/**
 * x + a·b, where nothing else reads the product, is one Gemm with x as its C: returns the products that go, and for
 * each such sum the matrix product with addend that takes its place.
 */
function foldableProducts(
  nodes: readonly Tensor[],
  outputs: ReadonlySet<Tensor>,
): { products: ReadonlySet<Tensor>; sums: ReadonlyMap<Tensor, Tensor> } {
  const readers = new Map<Tensor, number>();
  for (const node of nodes)
    for (const input of node.inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  const products = new Set<Tensor>();
  const sums = new Map<Tensor, Tensor>();
  for (const sum of nodes) {
    if (sum.op.kind !== "add") continue;
    const [a, b] = sum.inputs as [Tensor, Tensor];
    if (a.shape.join() !== b.shape.join()) continue;
    const foldable = ({ op, inputs, shape }: Tensor) =>
      op.kind === "matmul" && shape.length === 2 && inputs.length === 2;
    const product = [b, a].find((x) => foldable(x) && readers.get(x) === 1 && !outputs.has(x));
    if (!product) continue;
    products.add(product);
    const rest = product === b ? a : b;
    sums.set(sum, { ...sum, op: product.op, inputs: [...product.inputs, rest] });
  }
  return { products, sums };
}

/** The nodes, with the values that are results renamed to what the caller calls them. */
function nameResults(
  emit: OnnxEmitter,
  named: readonly (readonly [string, Tensor])[],
  nameOf: ReadonlyMap<Tensor, string>,
  given: ReadonlySet<string>,
): OnnxNode[] {
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  const constants = new Set(emit.initializers.map((value) => value.name));
  for (const [name, tensor] of named) {
    if (given.has(name)) throw new ShapeError(`output ${name} has the name of an input`);
    const value = nameOf.get(tensor)!;
    // An input, a constant or a value with two names cannot be renamed.
    if (!given.has(value) && !constants.has(value) && !renamed.has(value)) renamed.set(value, name);
    else copies.push({ opType: "Identity", domain: "", inputs: [value], outputs: [name], attributes: {} });
  }
  const rename = (value: string) => renamed.get(value) ?? value;
  return [...emit.nodes, ...copies].map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
}
