import { SeededStream } from "@armature/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Prompt } from "../data/prompt.ts";
import { readArmText, writeArmText } from "../rubric/arm-text.ts";
import { criterionReader } from "./criterion-form.ts";
import { HARD_RULES } from "./hard-rules.ts";
import { PRINCIPLES } from "./principles.ts";
import { REQUEST_FAMILIES, requestFamily } from "./request-family.ts";
import { teacherRubric } from "./rubric-teacher.ts";

const promptOf = (content: string): Prompt => ({ id: "p", messages: [{ role: "user", content }] });
const rubricOf = (content: string, seed = 0) => teacherRubric(promptOf(content), new SeededStream(seed));
const texts = (content: string, seed = 0) => rubricOf(content, seed).criteria.map(({ text }) => text);

describe("requestFamily", () => {
  it.each([
    ["Write a Python function that adds numbers.", "code"],
    ["Summarise this poem.", "rewriting"],
    ["Calculate the total of 3 and 4.", "maths"],
    ["Which of the following is a fruit?", "classification"],
    ["Tell me a story about a cat.", "creative"],
    ["How can I sleep better?", "advice"],
    ["Why is the sky blue?", "explanation"],
    ["List three fruits.", "open"],
    ["", "open"],
  ])("takes %j as %s", (request, family) => {
    expect(requestFamily(request)).toBe(family);
  });

  it("has principles enough for every family", () => {
    for (const family of REQUEST_FAMILIES)
      expect(PRINCIPLES.filter(({ families }) => families.includes(family)).length).toBeGreaterThan(3);
  });
});

describe("teacherRubric", () => {
  it("puts the request's demands first, then principles of its family", () => {
    const { criteria } = rubricOf("Explain rain in at most 40 words.");
    expect(criteria.map(({ kind }) => kind)).toEqual(["hard-rule", "principle", "principle"]);
    expect(criteria[0]!.text).toContain("40 words");
  });

  it("holds two demands at most, and varies which", () => {
    const request = "Give 3 tips in a numbered list, in at most 40 words, and use emojis.";
    const rules = Array.from({ length: 20 }, (_, seed) =>
      rubricOf(request, seed).criteria.filter(({ kind }) => kind === "hard-rule"),
    );
    expect(rules.every(({ length }) => length === 2)).toBe(true);
    expect(new Set(rules.flat().map(({ text }) => text)).size).toBeGreaterThan(4);
  });

  it("listens to the user's last turn", () => {
    const prompt: Prompt = {
      id: "c",
      messages: [
        { role: "user", content: "Explain rain in one word." },
        { role: "assistant", content: "Water." },
        { role: "user", content: "And in two sentences?" },
      ],
    };
    const [first] = teacherRubric(prompt, new SeededStream(0)).criteria;
    expect(first!.text).toContain("2 sentences");
  });

  it("says the same thing for the same stream, and other things for others", () => {
    expect(texts("Why is the sky blue?", 3)).toEqual(texts("Why is the sky blue?", 3));
    const all = Array.from({ length: 30 }, (_, seed) => texts("Why is the sky blue?", seed).join());
    expect(new Set(all).size).toBeGreaterThan(20);
  });

  it("writes rubrics of three or four distinct lines that are read back, whatever the prompt", () => {
    const odd = fc.oneof(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc
        .array(
          fc.constantFrom(
            "in 5 words",
            "exactly ten sentences",
            "JSON",
            "as a table",
            "\nOptions:\n- a\n- b\n",
            "translate to French",
            "without 'x'",
            "use the word '",
            "$1 $& #",
            "haiku",
            "99999 items",
            "give 0 things",
            "[Hard Rule]",
            "1. ",
          ),
        )
        .map((parts) => parts.join(" ")),
    );
    fc.assert(
      fc.property(odd, fc.nat(), (content, seed) => {
        const rubric = rubricOf(content, seed);
        expect(rubric.criteria.length === 3 || rubric.criteria.length === 4).toBe(true);
        expect(rubric.criteria.every(({ text }) => /^The response [^#]*\.$/.test(text))).toBe(true);
        expect(readArmText(writeArmText(rubric))).toEqual({ ok: true, rubric });
      }),
      { numRuns: 300 },
    );
  });
});

describe("criterionReader", () => {
  it("finds the form and the value of every wording, and no form for other texts", () => {
    const read = criterionReader([...HARD_RULES, ...PRINCIPLES]);
    for (const form of [...HARD_RULES, ...PRINCIPLES])
      for (const wording of form.wordings) {
        const value = form.values === undefined ? "" : form.values.startsWith("\\d") ? "12 words" : "Dutch";
        const text = wording.replace("#", value);
        expect([text, read({ text, kind: form.kind })]).toEqual([text, { form, value }]);
      }
    expect(read({ text: "The response is kind.", kind: "principle" })).toBeNull();
    expect(read({ text: "The response has exactly what is asked.", kind: "hard-rule" })).toBeNull();
  });
});
