import fc from "fast-check";
import { expect, it } from "vitest";
import { letterOf, readBoxedAnswer } from "./boxed-answer.ts";

const OPTIONS = ["10 eV", "20 eV", "Both A and B", "none of these"];

it.each([
  ["So it is \\boxed{B}.", "B"],
  ["\\boxed{a}", "A"],
  ["\\boxed{(C)}", "C"],
  ["\\boxed{D.}", "D"],
  ["\\boxed{\\text{B}}", "B"],
  ["$\\boxed{\\mathrm{C}}$", "C"],
  ["\\boxed{B) 20 eV}", "B"],
  ["\\boxed{**B**}", "B"],
  ["\\boxed{20 eV}", "B"],
  ["\\boxed{None of  these.}", "D"],
  ["First \\boxed{A}, no: \\boxed{B}", "B"],
  ["\\boxed{B} and an open \\boxed{C", "B"],
])("reads %j as %s", (response, letter) => {
  expect(readBoxedAnswer(response, OPTIONS)).toEqual({ status: "read", letter });
});

it.each([
  [" \n", false, "empty"],
  ["The answer is B.", false, "no-box"],
  ["The answer is", true, "cut-off"],
  ["\\boxed{E}", false, "no-option"],
  ["\\boxed{A or B}", false, "no-option"],
  ["\\boxed{}", false, "no-option"],
  ["\\boxed{30 eV}", true, "no-option"],
])("says why %j cannot be read", (response, cutOff, reason) => {
  expect(readBoxedAnswer(response, OPTIONS, cutOff)).toEqual({ status: "unreadable", reason });
});

it("takes no option's words that two options share", () => {
  expect(readBoxedAnswer("\\boxed{x}", ["x", "X.", "y"])).toEqual({
    status: "unreadable",
    reason: "no-option",
  });
});

it("reads what it would write, whatever stands around it", () => {
  fc.assert(
    fc.property(fc.nat(3), fc.string(), (place, around) => {
      const text = around.replaceAll("\\boxed", "");
      const response = `${text}\\boxed{${letterOf(place)}}${text}`;
      expect(readBoxedAnswer(response, OPTIONS)).toEqual({ status: "read", letter: letterOf(place) });
    }),
  );
});
