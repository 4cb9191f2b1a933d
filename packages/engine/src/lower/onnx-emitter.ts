import { UnsupportedOpError } from "../errors.ts";
import { type DataType, type Shape, sizeOf } from "../graph/tensor.ts";
import type { OnnxAttribute, OnnxInitializer, OnnxNode } from "./onnx-model.ts";

/** Collects the nodes and constants of one ONNX graph. Equal nodes and equal constants are written once. */
export class OnnxEmitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  readonly #known = new Map<string, string>();
  readonly #results = new Map<string, readonly string[]>();
  #count = 0;

  /**
   * Adds a node and returns the name of its (first) result. `domain` is empty for the standard operators,
   * `com.microsoft` for ONNX Runtime's own.
   */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    { domain = "", results = 1 }: { domain?: string; results?: number } = {},
  ): string {
    return this.#once(JSON.stringify([opType, inputs, attributes]), () => {
      const outputs = Array.from({ length: results }, () => this.#name());
      this.nodes.push({ opType, domain, inputs, outputs, attributes });
      this.#results.set(outputs[0]!, outputs);
      return outputs[0]!;
    });
  }

  /** The second result of the node whose first result has this name. */
  secondResult(first: string): string {
    const second = this.#results.get(first)?.[1];
    if (second === undefined) throw new UnsupportedOpError(`${first} is not from a node with two results`);
    return second;
  }

  /** A constant with these values. */
  constant(values: readonly number[], shape: Shape, dtype: DataType): string {
    return this.#initializer(`${dtype} [${shape}] ${values}`, shape, dtype, () => values);
  }

  /** A constant with one value everywhere. */
  filled(value: number, shape: Shape, dtype: DataType = "float32"): string {
    return this.#initializer(`${dtype} [${shape}] all ${value}`, shape, dtype, () =>
      new Array<number>(sizeOf(shape)).fill(value),
    );
  }

  /** A list of int64, as shapes, axes and ranges are given. */
  ints(...values: number[]): string {
    return this.constant(values, [values.length], "int64");
  }

  #initializer(key: string, shape: Shape, dtype: DataType, values: () => readonly number[]): string {
    return this.#once(key, () => {
      const name = this.#name();
      this.initializers.push({ name, shape, dtype, data: typedArray(values(), dtype) });
      return name;
    });
  }

  #once(key: string, make: () => string): string {
    const known = this.#known.get(key) ?? make();
    this.#known.set(key, known);
    return known;
  }

  // A prefix that keeps clear of the names which inputs and outputs bring along.
  #name = () => `%${this.#count++}`;
}

function typedArray(values: readonly number[], dtype: DataType): Float32Array | Int32Array | BigInt64Array {
  if (dtype === "float32") return Float32Array.from(values);
  return dtype === "int32" ? Int32Array.from(values) : BigInt64Array.from(values, BigInt);
}
