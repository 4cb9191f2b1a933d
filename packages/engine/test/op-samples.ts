import fc from "fast-check";
import * as build from "../src/graph/build.ts";
import type { OpKind, OpOf } from "../src/graph/op.ts";
import { type DataType, type Shape, sizeOf, type Tensor } from "../src/graph/tensor.ts";
import { SeededStream } from "../src/random/seeded-stream.ts";

export type SampleFeeds = Record<string, Float32Array | Int32Array | BigInt64Array>;

/** One operation on random operands. */
export interface OpSample {
  readonly output: Tensor;
  readonly feeds: SampleFeeds;
  /** The float32 operands. */
  readonly variables: readonly (Tensor & { readonly op: OpOf<"input"> })[];
}

/** Draws sizes and operands for a sample. */
export class SampleSource {
  readonly feeds: SampleFeeds = {};
  readonly variables: OpSample["variables"][number][] = [];
  readonly #draw: fc.GeneratorValue;
  readonly #values: SeededStream;

  constructor(draw: fc.GeneratorValue) {
    this.#draw = draw;
    this.#values = new SeededStream(draw(fc.nat), "values");
  }

  integer(min: number, max: number): number {
    return this.#draw(fc.integer, { min, max });
  }

  flag(): boolean {
    return this.#draw(fc.boolean);
  }

  shape(minRank: number, maxRank: number): number[] {
    return Array.from({ length: this.integer(minRank, maxRank) }, () => this.integer(1, 3));
  }

  /** A float32 operand, uniform in a range. */
  uniform(shape: Shape, low = -1.5, high = 1.5): Tensor {
    return this.#variable(shape, () => low + (high - low) * this.#values.next());
  }

  /** A float32 operand of multiples of 1/4, plus an offset: no two such values with other offsets are nearly equal. */
  grid(shape: Shape, offset = 0): Tensor {
    return this.#variable(shape, () => (Math.floor(this.#values.next() * 13) - 6) / 4 + offset);
  }

  /** A float32 operand without equal values. */
  distinct(shape: Shape): Tensor {
    const order = Array.from({ length: sizeOf(shape) }, (_, i) => i / 4).sort(
      () => this.#values.next() - 0.5,
    );
    return this.#variable(shape, (index) => order[index]!);
  }

  /** An int32 operand of numbers from 0 up to below a limit. */
  indices(count: number, limit: number): Tensor {
    const name = this.#name();
    this.feeds[name] = Int32Array.from({ length: count }, () => Math.floor(this.#values.next() * limit));
    return build.input(name, [count], "int32");
  }

  /** Shapes of two operands that broadcast together. */
  broadcastable(): [Shape, Shape] {
    const shape = this.shape(0, 3);
    const smaller = shape.map((n) => (this.flag() ? 1 : n)).slice(this.integer(0, shape.length));
    return this.flag() ? [shape, smaller] : [smaller, shape];
  }

  positions(batch: number, time: number, limit: number): Tensor {
    const name = this.#name();
    this.feeds[name] = BigInt64Array.from({ length: batch * time }, () => BigInt(this.integer(0, limit - 1)));
    return build.input(name, [batch, time], "int64");
  }

  /** A float32 operand that nobody differentiates. */
  angles(rows: number, half: number): Tensor {
    const table = this.uniform([rows, half]);
    this.variables.pop();
    return table;
  }

  #variable(shape: Shape, value: (index: number) => number): Tensor {
    const name = this.#name();
    this.feeds[name] = Float32Array.from({ length: sizeOf(shape) }, (_, index) => value(index));
    const tensor = build.input(name, shape);
    this.variables.push(tensor as OpSample["variables"][number]);
    return tensor;
  }

  #name = () => `operand${Object.keys(this.feeds).length}`;
}

const unary =
  (operation: (x: Tensor) => Tensor, low?: number, high?: number) =>
  (from: SampleSource): Tensor =>
    operation(from.uniform(from.shape(0, 3), low, high));

const binary =
  (operation: (a: Tensor, b: Tensor) => Tensor) =>
  (from: SampleSource): Tensor => {
    const [a, b] = from.broadcastable();
    return operation(from.grid(a), from.grid(b, 1 / 8));
  };

/** For every operation a draw of one use of it: a new operation cannot go untested. */
const makers: { readonly [K in OpKind]: (from: SampleSource) => Tensor } = {
  input: (from) => from.uniform(from.shape(0, 3)),
  constant: (from) => {
    const shape = from.shape(0, 3);
    const dtype = (["float32", "int32", "int64"] as const)[from.integer(0, 2)]!;
    return build.constant(
      Array.from({ length: sizeOf(shape) }, () => from.integer(-9, 9)),
      shape,
      dtype,
    );
  },
  neg: unary(build.neg),
  exp: unary(build.exp),
  log: unary(build.log, 0.2, 3),
  sqrt: unary(build.sqrt, 0.2, 3),
  reciprocal: unary(build.reciprocal, 0.3, 3),
  sigmoid: unary(build.sigmoid, -5, 5),
  silu: unary(build.silu, -5, 5),
  tanh: unary(build.tanh, -3, 3),
  stopGradient: (from) => build.stopGradient(from.uniform(from.shape(0, 3))),
  clip: (from) => build.clip(from.grid(from.shape(0, 3)), -5 / 8, 7 / 8),
  within: (from) => build.within(from.grid(from.shape(0, 3)), from.flag() ? -0.5 : -Infinity, 0.75),
  add: binary(build.add),
  sub: binary(build.sub),
  mul: binary(build.mul),
  div: binary(build.div),
  minimum: binary(build.minimum),
  maximum: binary(build.maximum),
  lessOrEqual: (from) => {
    const [a, b] = from.broadcastable();
    return build.lessOrEqual(from.grid(a), from.grid(b));
  },
  matmul: (from) => {
    const lead = from.shape(0, 2);
    const [m, k, n] = [from.integer(1, 4), from.integer(1, 4), from.integer(1, 4)];
    const [transA, transB] = [from.flag(), from.flag()];
    const alpha = from.flag() ? 1 : 0.3;
    const addends: Shape[] = [[m, n], [1, n], [m, 1], [n], []];
    const repeated = () => lead.map((size) => (from.flag() ? 1 : size));
    const [leadA, leadB] = from.flag() ? [lead, lead] : [repeated(), repeated()];
    return build.matmul(
      from.uniform([...leadA, ...(transA ? [k, m] : [m, k])]),
      from.uniform([...leadB, ...(transB ? [n, k] : [k, n])]),
      {
        transA,
        transB,
        alpha,
        ...(lead.length === 0 && from.flag() && { plus: from.uniform(addends[from.integer(0, 4)]!) }),
      },
    );
  },
  reshape: (from) => {
    const [a, b, c] = [from.integer(1, 3), from.integer(1, 3), from.integer(1, 3)];
    return build.reshape(from.uniform([a, b, c]), from.flag() ? [c * a, b] : [a * b * c]);
  },
  transpose: (from) => {
    const shape = from.shape(2, 4);
    const perm = [...shape.keys()];
    for (let i = perm.length - 1; i > 0; i--) {
      const j = from.integer(0, i);
      [perm[i], perm[j]] = [perm[j]!, perm[i]!];
    }
    return build.transpose(from.uniform(shape), perm);
  },
  slice: (from) => {
    const shape = from.shape(1, 3);
    const axis = from.integer(0, shape.length - 1);
    const start = from.integer(0, shape[axis]! - 1);
    return build.slice(from.uniform(shape), axis, start, from.integer(start + 1, shape[axis]!));
  },
  concat: (from) => {
    const shape = from.shape(1, 3);
    const axis = from.integer(0, shape.length - 1);
    const parts = Array.from({ length: from.integer(2, 3) }, () =>
      from.uniform(shape.with(axis, from.integer(1, 3))),
    );
    return build.concat(parts, axis);
  },
  broadcast: (from) => {
    const shape = from.shape(0, 3);
    const narrow = shape.map((n) => (from.flag() ? 1 : n)).slice(from.integer(0, shape.length));
    return build.broadcast(from.uniform(narrow), shape);
  },
  reduceSum: (from) => reduction(from, build.reduceSum),
  reduceMax: (from) => reduction(from, build.reduceMax),
  softmax: (from) => build.softmax(from.uniform(from.shape(1, 4), -4, 4)),
  gatherRows: (from) => {
    const rows = from.integer(1, 4);
    return build.gatherRows(from.uniform([rows, from.integer(1, 3)]), from.indices(from.integer(1, 6), rows));
  },
  scatterAddRows: (from) => {
    const [rows, width, count] = [from.integer(1, 4), from.integer(1, 3), from.integer(1, 6)];
    return build.scatterAddRows(
      from.uniform([rows, width]),
      from.indices(count, rows),
      from.uniform([count, width]),
    );
  },
  pickColumn: (from) => {
    const [n, width] = [from.integer(1, 4), from.integer(1, 4)];
    return build.pickColumn(from.uniform([n, width]), from.indices(n, width));
  },
  rmsNorm: (from) => norm(from),
  rmsInverse: (from) => build.rmsInverse(norm(from)),
  rope: (from) => {
    const [batch, time, heads, half] = [
      from.integer(1, 2),
      from.integer(1, 3),
      from.integer(1, 3),
      from.integer(1, 3),
    ];
    const rows = time + from.integer(0, 2);
    return build.rope(
      from.uniform([batch, time, heads * half * 2]),
      from.positions(batch, time, rows),
      from.angles(rows, half),
      from.angles(rows, half),
      { headDim: half * 2, inverse: from.flag() },
    );
  },
  tie: (from) => {
    const others = Array.from({ length: from.integer(1, 3) }, () =>
      from.flag() ? from.uniform(from.shape(0, 3)) : from.indices(3, 2),
    );
    return build.tie(from.uniform(from.shape(0, 3)), others);
  },
  boundary: (from) => build.boundary(from.uniform(from.shape(0, 3))),
  cast: (from) => {
    const to = (["float32", "int32", "int64"] as const)[from.integer(0, 2)]! satisfies DataType;
    return build.cast(from.uniform(from.shape(0, 3), -4, 4), to);
  },
};

function reduction(from: SampleSource, reduce: typeof build.reduceSum): Tensor {
  const shape = from.shape(1, 3);
  return reduce(from.distinct(shape), from.integer(0, shape.length - 1), from.flag());
}

function norm(from: SampleSource): Tensor {
  const [n, width] = [from.integer(1, 4), from.integer(1, 4)];
  return build.rmsNorm(from.uniform([n, width]), from.uniform([width]), 1e-3);
}

export const opKinds = Object.keys(makers) as OpKind[];

/** Random uses of one operation. */
export function opSample(kind: OpKind): fc.Arbitrary<OpSample> {
  return fc.gen().map((draw) => {
    const from = new SampleSource(draw);
    return { output: makers[kind](from), feeds: from.feeds, variables: from.variables };
  });
}
