import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { finiteDifferences, largestError } from "../../test/numbers.ts";
import { opKinds, opSample } from "../../test/op-samples.ts";
import { UnsupportedOpError } from "../errors.ts";
import { gradients } from "./backward.ts";
import { constant, input, mul, reduceMax, rmsInverse, rmsNorm } from "./build.ts";
import { evaluate } from "./evaluate.ts";
import { gradientRules } from "./gradient-rules.ts";
import type { OpKind } from "./op.ts";
import { sizeOf } from "./tensor.ts";

const weightsFor = (size: number) => Array.from({ length: size }, (_, i) => Math.sin(2.3 * i + 0.7));

/** Steps and stopped values: zero by definition, whatever finite differences find at a step. */
const STOPPED: readonly OpKind[] = ["within", "lessOrEqual", "stopGradient"];

describe("gradient rules", () => {
  for (const kind of opKinds.filter((kind) => gradientRules[kind] !== "unsupported"))
    it(`${kind} agrees with finite differences`, () => {
      fc.assert(
        fc.property(opSample(kind), ({ output, feeds, variables }) => {
          if (output.dtype !== "float32") return;
          const weight = weightsFor(sizeOf(output.shape));
          const seed = { tensor: output, gradient: constant(weight, output.shape) };
          const computed = evaluate(gradients([seed], variables), feeds);
          variables.forEach(({ op }, i) => {
            const expected = STOPPED.includes(kind)
              ? computed[i]!.map(() => 0)
              : finiteDifferences(output, weight, feeds, op.name);
            expect(largestError(computed[i]!, expected)).toBeLessThan(1e-6);
          });
        }),
        { numRuns: 50 },
      );
    });

  it("gives equal maxima equal shares", () => {
    const x = input("x", [1, 4]);
    const seed = { tensor: reduceMax(x, 1), gradient: constant([3], [1, 1]) };
    expect([...evaluate(gradients([seed], [x]), { x: [2, 5, 5, 5] })[0]!]).toEqual([0, 1, 1, 1]);
  });

  it("names the operation that has none", () => {
    const x = input("x", [2, 3]);
    const inverse = rmsInverse(rmsNorm(x, constant([1, 1, 1]), 0));
    const loss = mul(inverse, inverse);
    expect(() => gradients([{ tensor: loss, gradient: loss }], [x])).toThrow(
      new UnsupportedOpError("rmsInverse has no gradient rule"),
    );
  });
});
