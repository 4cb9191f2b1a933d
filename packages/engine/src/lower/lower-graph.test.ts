import { describe, expect, it } from "vitest";
import { IllegalGraphError, ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { GraphSession } from "../runtime/session.ts";
import { lowerGraph, type NamedTensors, onnxGraph } from "./lower-graph.ts";

const operators = (outputs: NamedTensors) => onnxGraph(outputs).nodes.map((node) => node.opType);

describe("lowering", () => {
  const x = build.input("x", [2, 3]);
  const w = build.input("w", [4, 3]);
  const y = build.input("y", [2, 4]);
  const product = build.matmul(x, w, { transB: true });

  it("takes a sum with a matrix product as one Gemm, on either side", () => {
    expect(operators({ sum: build.add(y, product) })).toEqual(["Gemm"]);
    expect(operators({ sum: build.add(product, y) })).toEqual(["Gemm"]);
    expect(onnxGraph({ sum: build.add(product, y) }).nodes[0]!.inputs).toEqual(["x", "w", "y"]);
  });

  it("keeps the sum where something else reads the product, or shapes differ, or it adds something already", () => {
    expect(operators({ sum: build.add(y, product), product })).toEqual(["Gemm", "Add"]);
    expect(operators({ twice: build.add(product, product) })).toEqual(["Gemm", "Add"]);
    expect(operators({ sum: build.add(product, build.input("row", [4])) })).toEqual(["Gemm", "Add"]);
    const added = build.matmul(x, w, { transB: true, plus: y });
    expect(operators({ sum: build.add(added, y) })).toEqual(["Gemm", "Add"]);
  });

  it("folds one of two products into the other", () => {
    const other = build.matmul(x, build.input("v", [4, 3]), { transB: true });
    expect(operators({ sum: build.add(product, other) })).toEqual(["Gemm", "Gemm"]);
  });

  it("writes equal constants and equal nodes once, and marks of the graph not at all", () => {
    const marked = build.boundary(build.stopGradient(build.mul(x, 2)));
    const graph = onnxGraph({ y: build.add(build.mul(marked, 2), build.mul(x, 2)) });
    expect(graph.nodes.map((node) => node.opType)).toEqual(["Mul", "Mul", "Add"]);
    expect(graph.initializers).toHaveLength(1);
  });

  it("reshapes once where a shape follows a shape, and not at all back to the first", () => {
    const twice = build.reshape(build.reshape(build.mul(x, 2), [3, 2]), [6, 1]);
    expect(operators({ twice })).toEqual(["Mul", "Reshape"]);
    const doubled = build.mul(x, 2);
    expect(build.reshape(build.reshape(doubled, [6]), [2, 3])).toBe(doubled);
  });

  it("negates the sines of a rotation back once for all layers", () => {
    const positions = build.input("positions", [1, 2], "int64");
    const [cos, sin] = [build.input("cos", [2, 2]), build.input("sin", [2, 2])];
    const turn = (name: string) =>
      build.rope(build.input(name, [1, 2, 4]), positions, cos, sin, { headDim: 4, inverse: true });
    expect(operators({ q: turn("a"), k: turn("b") })).toEqual(["Neg", "RotaryEmbedding", "RotaryEmbedding"]);
  });

  it("gives every result its name without copying, and copies where there is no other way", async () => {
    const doubled = build.mul(x, 2);
    const outputs = {
      first: doubled,
      second: doubled,
      same: x,
      two: build.constant([2]),
      passed: build.boundary(x),
    };
    expect(operators(outputs)).toEqual(["Mul", "Identity", "Identity", "Identity", "Identity"]);
    const session = await GraphSession.create(outputs, { threads: 1 });
    const results = await session.run({ x: Float32Array.of(1, 2, 3, 4, 5, 6) });
    await session.release();
    const [plain, twice] = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(2, 4, 6, 8, 10, 12)];
    expect(results).toEqual({
      first: twice,
      second: twice,
      same: plain,
      two: Float32Array.of(2),
      passed: plain,
    });
  });

  it("lists what must be fed, inputs without readers left out", () => {
    const { inputs, outputs } = lowerGraph(
      new Map([["rows", build.gatherRows(x, build.input("i", [2], "int32"))]]),
    );
    expect(inputs).toEqual([
      { name: "x", shape: [2, 3], dtype: "float32" },
      { name: "i", shape: [2], dtype: "int32" },
    ]);
    expect(outputs).toEqual([{ name: "rows", shape: [2, 3], dtype: "float32" }]);
  });

  it("refuses graphs that break the rules and names that clash", () => {
    expect(() => lowerGraph({ y: { ...product, shape: [9] } })).toThrow(IllegalGraphError);
    expect(() => lowerGraph({ x: product })).toThrow(new ShapeError("output x has the name of an input"));
    expect(() => lowerGraph({ product }, { initializers: new Map([["w", new Float32Array(3)]]) })).toThrow(
      new ShapeError("initializer w: 3 float32 values for float32[4,3]"),
    );
  });
});
