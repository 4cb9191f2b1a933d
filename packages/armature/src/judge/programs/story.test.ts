import { describe, expect, it } from "vitest";
import { textPrompt } from "../../data/read-prompts.ts";
import type { Row } from "../../data/row-fields.ts";
import { STORY_PROGRAMS } from "./story.ts";

const PROMPT = textPrompt("Once there was a small duck named Mia. Mia lived on a farm.");

const holds = (name: string, response: string, parameters: Row = {}, prompt = PROMPT) =>
  STORY_PROGRAMS[`story:${name}`]!(parameters)(prompt, response);

describe("programs about stories", () => {
  it.each<[name: string, parameters: Row, response: string, holds: boolean]>([
    ["hero", { least: 2 }, "Mia ran. Then Mia slept.", true],
    ["hero", { least: 2 }, "Mia ran. Then Miaow slept.", false],
    ["name-in-measure", { most: 1 }, "Mia ran. Mia slept.", true],
    ["name-in-measure", { most: 1 }, "Mia and Mia ran.", false],
    ["name-in-measure", { most: 1 }, "", true],
    ["kind", {}, "The Duck swam.", true],
    ["kind", {}, "The ducks swam.", false],
    ["dialogue", { least: 1 }, '"Come here," she said.', true],
    ["dialogue", { least: 1 }, '"Come here, she said.', false],
    ["dialogue", { least: 1 }, 'She said "no".', false],
    ["dialogue", { least: 2 }, '"Come here." “I come.”', true],
    ["happy-ending", {}, "It rained. They were happy.", true],
    ["happy-ending", {}, "They were happy. It rained.", false],
    ["happy-ending", {}, "They were not happy.", false],
    ["happy-ending", {}, "They didn't smile.", false],
    ["happy-ending", {}, "", false],
    ["joy-in-measure", { most: 1 }, "She was glad. It rained.", true],
    ["joy-in-measure", { most: 1 }, "She was glad. Then she laughed.", false],
    ["no-repetition", { words: 2 }, "The sun rose and the moon set.", true],
    ["no-repetition", { words: 2 }, "The sun rose. See the sun!", false],
    ["no-repetition", { words: 2 }, "Sun", false],
    ["whole-ending", {}, 'He said, "Good night."', true],
    ["whole-ending", {}, "They went to the", false],
    ["whole-ending", {}, 'He said, "Good night.', false],
    ["length", { least: 2, most: 3 }, "One two three.", true],
    ["length", { least: 2, most: 3 }, "One two three four.", false],
    ["length", { least: 2, most: 3 }, "One.", false],
    ["few-names", { most: 1 }, "Mia met Tom and saw Tom go. Then it rained.", true],
    ["few-names", { most: 1 }, "Mia met Tom, Ben and others.", false],
  ])("%s %j of %j: %s", (name, parameters, response, expected) =>
    expect(holds(name, response, parameters)).toBe(expected),
  );

  it("leaves open what an opening without a hero does not say", () => {
    const nobody = textPrompt("Once there was a farm.");
    expect(holds("hero", "Mia ran.", { least: 1 }, nobody)).toBe(null);
    expect(holds("kind", "Mia ran.", {}, nobody)).toBe(null);
    expect(holds("name-in-measure", "Mia ran.", { most: 1 }, nobody)).toBe(null);
  });
});
