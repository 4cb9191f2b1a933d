import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { largestError } from "../../test/numbers.ts";
import { opKinds, opSample } from "../../test/op-samples.ts";
import { gradients } from "../graph/backward.ts";
import { cast, constant } from "../graph/build.ts";
import { evaluate } from "../graph/evaluate.ts";
import { gradientRules } from "../graph/gradient-rules.ts";
import { sizeOf, type Tensor } from "../graph/tensor.ts";
import { GraphSession } from "../runtime/session.ts";

const weightsFor = (size: number) => Array.from({ length: size }, (_, i) => Math.sin(1.9 * i + 0.4));

describe("ONNX Runtime against the interpreter", () => {
  for (const kind of opKinds)
    it(`computes ${kind} and its gradients`, async () => {
      await fc.assert(
        fc.asyncProperty(opSample(kind), async ({ output, feeds, variables }) => {
          const seed = { tensor: output, gradient: constant(weightsFor(sizeOf(output.shape)), output.shape) };
          const differentiable = gradientRules[kind] !== "unsupported" && output.dtype === "float32";
          const tensors: Tensor[] = [
            cast(output, "float32"),
            ...(differentiable ? gradients([seed], variables) : []),
          ];
          const expected = evaluate(tensors, feeds);
          const named = Object.fromEntries(tensors.map((tensor, i) => [`result${i}`, tensor]));
          const session = await GraphSession.create(named, { threads: 1 });
          const read = new Set(session.inputs.map(({ name }) => name));
          const results = await session.run(
            Object.fromEntries(Object.entries(feeds).filter(([name]) => read.has(name))),
          );
          await session.release();
          tensors.forEach((_, i) => {
            expect(largestError(results[`result${i}`]!, expected[i]!)).toBeLessThan(3e-6);
          });
        }),
        { numRuns: 15 },
      );
    });
});
