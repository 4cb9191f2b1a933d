import { expect, it } from "vitest";
import { distinctShare, sharedRunShares, wordRunsOf } from "./response-diversity.ts";

it("cuts texts into runs of words", () => {
  expect(wordRunsOf("The  fox\nran Home", 2)).toEqual(["the fox", "fox ran", "ran home"]);
  expect(wordRunsOf("fox", 2)).toEqual([]);
});

it("counts distinct items", () => expect(distinctShare(["a", "b", "a", "a"])).toBe(0.5));

it("counts runs that other prompts' responses have, not those of the same prompt", () => {
  const shares = sharedRunShares(
    [
      ["a fox ran", "a fox ran"],
      ["a fox sat", "it rained"],
      ["", "then it rained"],
    ],
    2,
  );
  expect(shares).toEqual([
    [0.5, 0.5],
    [0.5, 1],
    [null, 0.5],
  ]);
});
