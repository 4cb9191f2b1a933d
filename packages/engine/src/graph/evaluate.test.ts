import { describe, expect, it } from "vitest";
import { FeedError } from "../errors.ts";
import * as build from "./build.ts";
import { evaluate } from "./evaluate.ts";

/** Values worked out by hand, so that the interpreter itself stands on something. */
describe("evaluate", () => {
  const x = build.input("x", [2, 3]);
  const feeds = { x: [1, 2, 3, 4, 5, 6] };
  const valuesOf = (tensor: ReturnType<typeof build.add>, more = {}) => [
    ...evaluate([tensor], { ...feeds, ...more })[0]!,
  ];

  it("multiplies matrices with transposes, a factor and an addend", () => {
    const plus = build.constant([100, 200]);
    expect(valuesOf(build.matmul(x, x, { transB: true, alpha: 2, plus }))).toEqual([128, 264, 164, 354]);
    expect(valuesOf(build.matmul(x, x, { transA: true }))).toEqual([17, 22, 27, 22, 29, 36, 27, 36, 45]);
  });

  it("moves elements", () => {
    expect(valuesOf(build.transpose(x, [1, 0]))).toEqual([1, 4, 2, 5, 3, 6]);
    expect(valuesOf(build.slice(x, 1, 1, 3))).toEqual([2, 3, 5, 6]);
    expect(valuesOf(build.concat([x, build.slice(x, 1, 0, 1)], 1))).toEqual([1, 2, 3, 1, 4, 5, 6, 4]);
    expect(valuesOf(build.reshape(x, [3, 2]))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(valuesOf(build.add(x, build.constant([10, 20], [2, 1])))).toEqual([11, 12, 13, 24, 25, 26]);
  });

  it("sums, takes maxima and normalises", () => {
    expect(valuesOf(build.reduceSum(x, 0, false))).toEqual([5, 7, 9]);
    expect(valuesOf(build.reduceMax(x, 1))).toEqual([3, 6]);
    const [a, b, c] = valuesOf(build.softmax(build.log(x)));
    expect([a! * 6, b! * 6, c! * 6]).toEqual([1, 2, 3].map((v) => expect.closeTo(v, 12)));
    // rms of (1, 2, 3) with epsilon 2 is √(14/3 + 4/3)... of (4, 5, 6) √(77/3 + 4/3) = √27.
    const norm = build.rmsNorm(x, build.constant([1, 10, 0]), 4 / 3);
    const expected = [1 / Math.sqrt(6), 20 / Math.sqrt(6), 0, 4 / Math.sqrt(27), 50 / Math.sqrt(27), 0];
    expect(valuesOf(norm)).toEqual(expected.map((v) => expect.closeTo(v, 12)));
    expect(valuesOf(build.rmsInverse(norm))).toEqual([6, 27].map((v) => expect.closeTo(v ** -0.5, 12)));
  });

  it("gathers, scatters and picks", () => {
    const rows = build.constant([1, 1, 0], [3], "int32");
    expect(valuesOf(build.gatherRows(x, rows))).toEqual([4, 5, 6, 4, 5, 6, 1, 2, 3]);
    expect(valuesOf(build.scatterAddRows(x, rows, build.filled(10, [3, 3])))).toEqual([
      11, 12, 13, 24, 25, 26,
    ]);
    expect(valuesOf(build.pickColumn(x, build.constant([2, 0], [2], "int32")))).toEqual([3, 4]);
  });

  it("turns pairs half a head apart, by the angle of their position, and back", () => {
    const y = build.input("y", [1, 1, 4]);
    const tables = [build.constant([9, 9, 0.6, 1], [2, 2]), build.constant([9, 9, 0.8, 0], [2, 2])] as const;
    const position = build.constant([1], [1, 1], "int64");
    const turned = build.rope(y, position, ...tables, { headDim: 4 });
    const back = build.rope(turned, position, ...tables, { headDim: 4, inverse: true });
    const near = (values: number[]) => values.map((v) => expect.closeTo(v, 12));
    expect(valuesOf(turned, { y: [1, 2, 3, 4] })).toEqual(near([0.6 - 2.4, 2, 0.8 + 1.8, 4]));
    expect(valuesOf(back, { y: [1, 2, 3, 4] })).toEqual(near([1, 2, 3, 4]));
  });

  it("says which input is missing or has another size", () => {
    expect(() => evaluate([x], {})).toThrow(new FeedError("input x is [2,3]; got no values"));
    expect(() => evaluate([x], { x: [1] })).toThrow(new FeedError("input x is [2,3]; got 1 values"));
  });
});
