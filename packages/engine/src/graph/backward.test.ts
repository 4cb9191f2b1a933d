import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { largestError } from "../../test/numbers.ts";
import { type SmallTransformer, smallTransformer } from "../../test/small-transformer.ts";
import { ShapeError } from "../errors.ts";
import { SeededStream } from "../random/seeded-stream.ts";
import { GraphSession } from "../runtime/session.ts";
import { type BackwardOptions, gradients } from "./backward.ts";
import * as build from "./build.ts";
import { evaluate } from "./evaluate.ts";
import { print } from "./print.ts";
import { reachable } from "./reach.ts";
import type { Tensor } from "./tensor.ts";
import { verify } from "./verify.ts";

const sizes = fc.record({
  seed: fc.nat(),
  layers: fc.integer({ min: 1, max: 2 }),
  keyValueHeads: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 2 }),
});
const twoLayers = { seed: 1, layers: 2, keyValueHeads: 1, group: 2 };

/** Gradients of the loss in weights named by a pattern, by name. */
function gradientsOf(
  { loss, weights }: SmallTransformer,
  options?: BackwardOptions,
  pattern = /./,
): Map<string, Tensor> {
  const chosen = [...weights].filter(([name]) => pattern.test(name));
  const found = gradients(
    [{ tensor: loss, gradient: build.constant(1) }],
    chosen.map(([, tensor]) => tensor),
    options,
  );
  return new Map(chosen.map(([name], i) => [name, found[i]!]));
}

describe("gradients of a transformer", () => {
  it("agree with finite differences along random directions of all weights together", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const model = smallTransformer(size);
        const named = gradientsOf(model);
        const computed = evaluate([...named.values()], model.feeds);
        const random = new SeededStream(size.seed, "directions");
        const directions = new Map<string, number[]>();
        let projected = 0;
        for (const [i, name] of [...named.keys()].entries()) {
          const direction = Array.from(computed[i]!, () => random.normal());
          directions.set(name, direction);
          projected += direction.reduce((sum, d, j) => sum + d * computed[i]![j]!, 0);
        }
        const lossAt = (step: number) => {
          const moved = [...directions].map(([name, direction]) => [
            name,
            direction.map((d, j) => Number(model.feeds[name]![j]) + step * d),
          ]);
          return evaluate([model.loss], { ...model.feeds, ...Object.fromEntries(moved) })[0]![0]!;
        };
        const expected = (lossAt(1e-5) - lossAt(-1e-5)) / 2e-5;
        expect(largestError([projected], [expected])).toBeLessThan(1e-6);
      }),
      { numRuns: 8 },
    );
  });

  it("are the same with recomputation, in ONNX Runtime and in the interpreter", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        const model = smallTransformer(size);
        const kept = gradientsOf(model);
        const expected = evaluate([...kept.values()], model.feeds);
        for (const options of [{}, { recompute: true }, { recompute: true, alsoBefore: [model.logprobs] }]) {
          const named = gradientsOf(model, options);
          verify([...named.values()]);
          const session = await GraphSession.create(
            new Map([...named].map(([name, tensor]) => [`gradient of ${name}`, tensor])),
            { threads: 1 },
          );
          const results = await session.run(model.feeds);
          await session.release();
          expect(evaluate([...named.values()], model.feeds)).toEqual(expected);
          [...named.keys()].forEach((name, i) => {
            expect(largestError(results[`gradient of ${name}`]!, expected[i]!), name).toBeLessThan(1e-4);
          });
        }
      }),
      { numRuns: 3 },
    );
  });

  it("with recomputation read nothing of the forward pass below the last boundary but boundaries and weights", () => {
    const model = smallTransformer(twoLayers);
    const forward = new Set(reachable([model.loss]));
    const lastBoundary = [...forward].findLast(({ op }) => op.kind === "boundary")!;
    const read = (options: BackwardOptions) => {
      const all = reachable([...gradientsOf(model, options).values()]).filter((node) => !forward.has(node));
      const sources = all
        .flatMap((node) => node.inputs)
        .filter((x) => forward.has(x) && x.id < lastBoundary.id);
      return new Set(sources.filter(({ op }) => !["input", "constant"].includes(op.kind)));
    };
    expect([...read({ recompute: true })].every(({ op }) => op.kind === "boundary")).toBe(true);
    expect(read({ recompute: true }).size).toBe(2);
    expect(read({}).size).toBeGreaterThan(20);
  });

  it("of a layer, and what must come before, are computed before the walk leaves it", () => {
    const model = smallTransformer(twoLayers);
    const named = gradientsOf(model, { alsoBefore: [model.logprobs] });
    const before = new Set(reachable([named.get("up.0")!]));
    const late = /^(norm|query|key|value|output|secondNorm|gate|up|down)\.0$|^embedding$/;
    for (const [name, tensor] of named)
      expect(before.has(tensor), name).toBe(!late.test(name) || name === "up.0");
    expect(before.has(model.logprobs)).toBe(true);
    expect(reachable([gradientsOf(model).get("up.0")!])).not.toContain(model.logprobs);
  });

  it("of the last matrix alone cost one matrix product beside those of the head", () => {
    const model = smallTransformer(twoLayers);
    const forward = new Set(reachable([model.loss]));
    const gradient = gradientsOf(model, {}, /^down\.1$/).get("down.1")!;
    const products = reachable([gradient]).filter((node) => node.op.kind === "matmul" && !forward.has(node));
    // Through the head, the norm's sum, and the matrix itself.
    expect(products.map(({ shape }) => shape)).toEqual([
      [6, 8],
      [6, 1],
      [8, 5],
    ]);
  });
});

describe("gradients", () => {
  const x = build.input("x", [2, 3]);

  it("add up where a tensor is used twice, seeds on it included", () => {
    const square = build.mul(x, x);
    const found = gradients(
      [
        { tensor: square, gradient: build.filled(1, [2, 3]) },
        { tensor: x, gradient: build.filled(10, [2, 3]) },
      ],
      [x],
    );
    expect([...evaluate(found, { x: [1, 2, 3, 4, 5, 6] })[0]!]).toEqual([12, 14, 16, 18, 20, 22]);
  });

  it("are zero for what the seeds do not depend on", () => {
    const other = build.input("other", [2]);
    const found = gradients([{ tensor: x, gradient: x }], [other]);
    expect([...evaluate(found, {})[0]!]).toEqual([0, 0]);
  });

  it("stop at stopGradient and at whole numbers", () => {
    const y = build.add(build.stopGradient(x), build.cast(build.cast(x, "int32"), "float32"));
    const found = gradients([{ tensor: y, gradient: x }], [x]);
    expect([...evaluate(found, {})[0]!]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("refuse a seed of another shape", () => {
    expect(() => gradients([{ tensor: x, gradient: build.constant(1) }], [x])).toThrow(
      new ShapeError("gradient [] given for a tensor [2,3]"),
    );
  });

  it("of rows go straight into the sum so far", () => {
    const table = build.input("table", [5, 3]);
    const tokens = build.input("tokens", [2], "int32");
    const logits = build.matmul(build.gatherRows(table, tokens), table, { transB: true });
    const [gradient] = gradients([{ tensor: logits, gradient: build.filled(1, [2, 5]) }], [table]);
    expect(print({ gradient: gradient! })).toMatchInlineSnapshot(`
      "%0 = input name="table" [5,3]
      %1 = input name="tokens" int32[2]
      %2 = gatherRows(%0, %1) [2,3]
      %3 = constant values=[1] []
      %4 = broadcast(%3) shape=[2,5] [2,5]
      %5 = matmul(%4, %0) [2,3]
      %6 = matmul(%4, %2) transA=true [5,3]
      %7 = scatterAddRows(%6, %1, %5) [5,3]
      gradient: %7"
    `);
  });

  it("of a SwiGLU block with a boundary read as one program", () => {
    const [gate, up] = [build.input("gate", [4, 3]), build.input("up", [4, 3])];
    const inner = build.boundary(x);
    const h = build.mul(
      build.silu(build.matmul(inner, gate, { transB: true })),
      build.matmul(inner, up, { transB: true }),
    );
    const found = gradients([{ tensor: h, gradient: build.input("dh", [2, 4]) }], [gate, up, x]);
    expect(print({ gate: found[0]!, up: found[1]!, x: found[2]! })).toMatchInlineSnapshot(`
      "%0 = input name="x" [2,3]
      %1 = input name="gate" [4,3]
      %2 = input name="up" [4,3]
      %3 = boundary(%0) [2,3]
      %4 = matmul(%3, %1) transB=true [2,4]
      %5 = silu(%4) [2,4]
      %6 = matmul(%3, %2) transB=true [2,4]
      %7 = input name="dh" [2,4]
      %8 = mul(%7, %6) [2,4]
      %9 = mul(%7, %5) [2,4]
      %10 = matmul(%9, %2) [2,3]
      %11 = matmul(%9, %3) transA=true [4,3]
      %12 = sigmoid(%4) [2,4]
      %13 = mul(%5, %12) [2,4]
      %14 = sub(%5, %13) [2,4]
      %15 = add(%12, %14) [2,4]
      %16 = mul(%8, %15) [2,4]
      %17 = matmul(%16, %1) [2,3]
      %18 = matmul(%16, %3) transA=true [4,3]
      %19 = add(%10, %17) [2,3]
      %20 = tie(%19, %11, %18) [2,3]
      gate: %18
      up: %11
      x: %20"
    `);
  });
});
