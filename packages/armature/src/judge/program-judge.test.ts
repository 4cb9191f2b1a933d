import { describe, expect, it } from "vitest";
import { textPrompt } from "../data/read-prompts.ts";
import { ConfigError } from "../errors.ts";
import { makeRubric } from "../rubric/check-rubric.ts";
import { programChecks, programJudge } from "./program-judge.ts";

const program = (name: string, parameters = {}) => ({ text: name, verifier: { name, parameters } });

describe("programJudge", () => {
  it("gives each criterion the verdict of its program, published instructions included", async () => {
    const rubric = makeRubric([
      program("story:whole-ending"),
      program("punctuation:no_comma"),
      program("story:hero", { least: 1 }),
    ]);
    const judge = async (response: string) => {
      const task = { prompt: textPrompt("Tell a story."), response, rubric };
      return (await programJudge().judge(task)).verdicts;
    };
    expect(await judge("One, two.")).toMatchObject([{ value: 1 }, { value: 0 }, { status: "abstained" }]);
    // A blank response follows no instruction, although it has no comma.
    expect(await judge(" ")).toMatchObject([{ value: 0 }, { value: 0 }, { status: "abstained" }]);
  });

  it.each([
    [{ text: "No program" }, "criterion c1: has no verifier; name a program, or let a model judge it"],
    [program("story:heros"), 'criterion c1: no program is named "story:heros"; did you mean story:hero?'],
    [
      program("story:hero"),
      "criterion c1: verifier.parameters of story:hero: least is missing; give a whole number",
    ],
    [
      program("story:length", { least: 9, most: 3 }),
      "criterion c1: verifier.parameters of story:length: least is 9, more than most, which is 3",
    ],
  ])("refuses %j", (criterion, message) => {
    const check = () => programChecks(makeRubric([criterion]));
    expect(check).toThrow(ConfigError);
    expect(check).toThrow(message);
  });
});
