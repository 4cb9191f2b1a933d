import { describe, expect, it } from "vitest";
import { IllegalGraphError } from "../errors.ts";
import { add, constant, input, matmul, reshape, transpose } from "./build.ts";
import type { Tensor } from "./tensor.ts";
import { verify } from "./verify.ts";

describe("verify", () => {
  const a = input("a", [2, 3]);
  const b = input("b", [2, 3]);
  const product = matmul(a, b, { transB: true });

  it("accepts what the builders make", () => {
    expect(() => verify([add(product, constant([1, 2]))])).not.toThrow();
  });

  const tokens = input("tokens", [3], "int32");
  const corrupted: readonly (readonly [string, Tensor, string])[] = [
    ["a wrong shape", { ...product, shape: [2, 3] }, "yields [2,2]"],
    ["a wrong type", { ...product, dtype: "int32" }, "yields float32"],
    [
      "operands that do not fit",
      { ...product, id: tokens.id + 1, inputs: [a, tokens] },
      "needs two inputs of the same rank",
    ],
    ["operands of two types", { ...add(a, b), inputs: [a, tokens] }, "input 1 must be float32"],
    [
      "floating-point indices",
      {
        ...product,
        op: { kind: "gatherRows" },
        inputs: [a, constant([0, 1], [2], "float32")].map((x) => ({ ...x, id: -x.id })),
      },
      "input 1 must be int32",
    ],
    ["a reader older than what it reads", { ...product, id: a.id - 1 }, `reads #${a.id}, which is not older`],
    ["two nodes of one id", { ...product, inputs: [a, { ...b, id: a.id }] }, "another node has the same id"],
    ["two inputs of one name", add(a, input("a", [2, 3])), "another input of this name"],
    ["a constant with values missing", { ...constant([1, 2]), shape: [3] }, "2 values for 3 places"],
    ["a lost element", { ...reshape(a, [6]), op: { kind: "reshape", shape: [5] } }, "cannot become [5]"],
    ["half an element", { ...input("h", [1]), shape: [1.5] }, "sizes must be whole numbers"],
    ["a lost axis", { ...transpose(a, [1, 0]), op: { kind: "transpose", perm: [1, 1] } }, "not an order of"],
    ["a constant of another type", { ...constant([1]), dtype: "int64" }, "states float32"],
  ];
  for (const [what, tensor, message] of corrupted)
    it(`reports ${what}`, () => {
      expect(() => verify([tensor])).toThrow(IllegalGraphError);
      expect(() => verify([tensor])).toThrow(message);
    });

  it("says which node, with its operands", () => {
    expect(() => verify([{ ...product, id: 1e6, shape: [3] }])).toThrow(
      `#1000000 {"kind":"matmul","transA":false,"transB":true,"alpha":1} ` +
        `(#${a.id} float32[2,3], #${b.id} float32[2,3]) -> float32[3]: yields [2,2]`,
    );
  });
});
