import { expect, it } from "vitest";
import { evaluatedPair, orderedRight } from "./pair-evaluation.ts";

it("measures margins over the base policy and of the policy itself, by hand", () => {
  const pair = { id: "p", prompt: [9, 9], chosen: [1, 2, 3], rejected: [4] };
  // Gains of 0.6 and −0.1.
  const measured = evaluatedPair(pair, { chosen: -0.6, rejected: -0.4 }, { chosen: -1.2, rejected: -0.3 });
  expect(measured.id).toBe("p");
  expect(measured.implicit).toBeCloseTo(0.7, 12);
  expect(measured.implicitPerToken).toBeCloseTo(0.6 / 3 + 0.1, 12);
  expect(measured.likelihood).toBeCloseTo(-0.2 + 0.4, 12);
});

it("counts a pair that cannot be told apart as half", () => {
  expect([0.1, 0, -3].map(orderedRight)).toEqual([1, 0.5, 0]);
});
