import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ArmCriterion } from "./arm-rubric.ts";
import { countArmItems, readArmText, writeArmText } from "./arm-text.ts";

const rubric = {
  criteria: [
    { text: "The response has at most two paragraphs.", kind: "hard-rule" },
    { text: "The response explains each step before it uses it.", kind: "principle" },
  ],
} as const;

const plain = `1. The response has at most two paragraphs. [Hard Rule]
2. The response explains each step before it uses it. [Principle]`;

describe("readArmText", () => {
  it.each([
    ["the plain form", plain],
    ["blank lines and indentation", `\n\n  ${plain.replace("\n", "\r\n\r\n   ")}\n\n`],
    ["parentheses", plain.replace("1.", "1)").replace("2.", "2 )")],
    ["tags in another case", plain.replace("Hard Rule", "HARD RULE").replace("Principle", "principle")],
    ["hyphenated tags and a full stop after", plain.replace("[Hard Rule]", "[hard-rule].")],
    ["bold numbers and tags", plain.replace("1.", "**1.**").replace("[Principle]", "**[Principle]**")],
    ["bold items", plain.replace(/^(.*)$/gm, "**$1**")],
    ["bold text", plain.replace(/(The .*)( \[)/g, "**$1**$2")],
    ["bullets", plain.replace(/^/gm, "- ")],
    ["an item over two lines", plain.replace("before it", "before\n   it")],
    ["a tag on its own line", plain.replace(" [Principle]", "\n[Principle]")],
  ])("reads %s", (_, text) => {
    expect(readArmText(text)).toEqual({ ok: true, rubric });
  });

  it.each([
    ["no-items: no numbered line", ""],
    ["no-items: no numbered line", " \n\n"],
    [
      "stray-text: line 1 is not a numbered item",
      "Sure, the rubric is:\n1. The response is kind. [Principle]",
    ],
    ["stray-text: line 2 is not a numbered item", "1. The response is kind. [Principle]\nThat is all."],
    ["wrong-number: item 1 is numbered 0", "0. The response is kind. [Principle]"],
    ["wrong-number: item 1 is numbered 2", "2. The response is kind. [Principle]"],
    [
      "wrong-number: item 2 is numbered 3",
      "1. The response is kind. [Principle]\n3. The response is short. [Principle]",
    ],
    ["wrong-number: item 2 is numbered 1", "1. The response is kind. [Principle]\n1. The response is short."],
    ["missing-tag: item 1 does not end with [Hard Rule] or [Principle]", "1. The response is kind."],
    ["missing-tag: item 1 does not end with [Hard Rule] or [Principle]", "1. The response is kind. [Style]"],
    [
      "missing-tag: item 1 does not end with [Hard Rule] or [Principle]",
      "1. [Principle] The response is kind.",
    ],
    [
      "missing-tag: item 2 does not end with [Hard Rule] or [Principle]",
      "1. The response is kind. [Principle]\n2. The response is sh",
    ],
    ["empty-item: item 1 has no text", "1. [Principle]"],
    ["empty-item: item 1 has no text", "1. **  ** [Hard Rule]"],
    [
      "repeated-item: item 3 repeats item 1",
      "1. The response is kind. [Principle]\n2. The response uses C. [Principle]\n3. The Response is  kind [Hard Rule]",
    ],
  ])("finds %s", (fault, text) => {
    expect(readArmText(text)).toEqual({ ok: false, fault });
  });

  it("does not take C for C++", () => {
    const text = "1. The response uses C. [Hard Rule]\n2. The response uses C++. [Hard Rule]";
    expect(readArmText(text).ok).toBe(true);
  });

  it("never throws, and counts the items of what it accepts", () => {
    const soup = fc.array(
      fc.oneof(
        fc.string(),
        fc.constantFrom(
          "1. ",
          "2) ",
          "**",
          "\n",
          " [Principle]",
          "[hard rule]",
          "The response is kind.",
          "- ",
        ),
      ),
    );
    fc.assert(
      fc.property(soup, (parts) => {
        const text = parts.join("");
        const reading = readArmText(text);
        if (reading.ok) expect(countArmItems(text)).toBe(reading.rubric.criteria.length);
        else expect(reading.fault).toMatch(/^[a-z-]+: ./);
      }),
      { numRuns: 500 },
    );
  });
});

describe("writeArmText", () => {
  it("writes the plain form", () => {
    expect(writeArmText(rubric)).toBe(plain);
  });

  it("is undone by readArmText", () => {
    const criterion: fc.Arbitrary<ArmCriterion> = fc.record({
      text: fc
        .string({ unit: "grapheme", minLength: 1 })
        .map((text) => `The response ${text.replace(/\s+/g, " ").trim()}`.trim())
        .filter((text) => !text.endsWith("*")),
      kind: fc.constantFrom("hard-rule", "principle"),
    });
    const key = ({ text }: ArmCriterion) =>
      text
        .toLowerCase()
        .replace(/[\s.;,]+/g, " ")
        .trim();
    fc.assert(
      fc.property(fc.uniqueArray(criterion, { minLength: 1, maxLength: 8, selector: key }), (criteria) => {
        expect(readArmText(writeArmText({ criteria }))).toEqual({ ok: true, rubric: { criteria } });
      }),
      { numRuns: 500 },
    );
  });

  it("keeps a criterion on one line", () => {
    const text = writeArmText({ criteria: [{ text: " The response\n2. is kind. ", kind: "principle" }] });
    expect(text).toBe("1. The response 2. is kind. [Principle]");
  });
});

describe("countArmItems", () => {
  it("counts numbered lines of a text that is no rubric", () => {
    expect(
      countArmItems("Here you are:\n1. The response is kind.\n**2)** The response is short.\nDone."),
    ).toBe(2);
    expect(countArmItems("nothing")).toBe(0);
  });
});
