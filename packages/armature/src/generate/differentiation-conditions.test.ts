import { describe, expect, test } from "vitest";
import { candidatesOf, DIFFERENTIATION_CONDITIONS } from "./differentiation-conditions.ts";

const responses = [
  { text: "a1", model: "A" },
  { text: "b1", model: "B" },
  { text: "b2", model: "B" },
  { text: "A1", model: "C" },
  { text: "b3", model: "B" },
  { text: "c1", model: "C" },
];

describe("the conditions of Chasing the Tail", () => {
  test("are the paper's five", () => {
    expect(
      Object.values(DIFFERENTIATION_CONDITIONS).map(({ models, perModel, rounds }) => [
        models,
        perModel,
        rounds,
      ]),
    ).toEqual([
      [0, 0, 0],
      [1, 2, 1],
      [1, 2, 1],
      [1, 16, 4],
      [16, 1, 4],
    ]);
  });

  test("one model: the named one, or the first that has enough", () => {
    const pair = DIFFERENTIATION_CONDITIONS["one-great-pair"];
    expect(candidatesOf(pair, responses)).toEqual({ places: [1, 2], wanted: 2, repeated: 1 });
    expect(candidatesOf(pair, responses, "A").places).toEqual([0]);
    expect(candidatesOf(pair, responses, "nobody").places).toEqual([]);
    const four = DIFFERENTIATION_CONDITIONS["four-great-pairs"];
    expect(candidatesOf(four, responses)).toEqual({ places: [1, 2, 4], wanted: 16, repeated: 1 });
  });

  test("diverse: one response of each model, none twice", () => {
    const diverse = DIFFERENTIATION_CONDITIONS["four-great-and-diverse"];
    expect(candidatesOf(diverse, responses)).toEqual({ places: [0, 1, 5], wanted: 16, repeated: 1 });
    expect(() => candidatesOf(diverse, responses, "A")).toThrow("leave the model out");
    const many = Array.from({ length: 20 }, (_, i) => ({ text: `${i}`, model: `m${i}` }));
    expect(candidatesOf(diverse, many).places).toHaveLength(16);
  });
});
