import { describe, expect, it } from "vitest";
import { writeCriterion } from "./criterion-form.ts";
import { demandsOf, HARD_RULES } from "./hard-rules.ts";
import { textFeatures } from "./text-features.ts";

/** The demands of a request in the rules' first wordings. */
function found(request: string): string[] {
  return demandsOf(request).map(({ rule, value }) => writeCriterion(rule, rule.wordings[0]!, value).text);
}

/** Whether a response meets the only demand of a request, and the note. */
function measured(request: string, response: string): readonly [boolean, string] {
  const [demand, ...others] = demandsOf(request);
  expect(others).toEqual([]);
  const { met, note } = demand!.rule.measure(textFeatures(response), textFeatures(request), demand!.value);
  return [met, note];
}

describe("demandsOf", () => {
  it.each([
    ["Describe the sea in no more than 30 words.", "at most 30 words"],
    ["Describe the sea in under fifty words, or 50 words or less.", "at most 50 words"],
    ["Write a 3-5 sentence description.", "at most 5 sentences"],
    ["Describe it in at least two paragraphs.", "at least 2 paragraphs"],
    ["It needs no fewer than 100 words.", "at least 100 words"],
    ["Describe the sea in one word.", "exactly 1 word"],
    ["Explain the film in just one sentence.", "exactly 1 sentence"],
    ["Write a three paragraph essay on rain.", "exactly 3 paragraphs"],
    ["Use four sentences to sum it up.", "exactly 4 sentences"],
    ["Reply with exactly 23 words.", "exactly 23 words"],
    ["Write a haiku about rain.", "exactly 3 lines"],
  ])("reads %j as %s", (request, demand) => {
    expect(found(request)).toEqual([`The response has ${demand}.`]);
  });

  it.each([
    ["Please write a 500-word article.", ["The response has about 500 words."]],
    ["Suggest three unique and catchy names.", ["The response gives 3 items, as many as asked for."]],
    ["Give me 10 arguments in bullet points.", [/10 items/, /bulleted list/]],
    ["Make a table of the planets.", [/table/]],
    ["Return the result as JSON.", [/JSON/]],
    ["Write a Python script that sorts files.", [/code/]],
    ["Translate the Polish sentence into German.", ["The response is written in German."]],
    ["Answer with 'yes' or 'no'.", [/offered/]],
    ["Is it true?\nOptions:\n- yes\n- no", [/offered/]],
    ["Solve it without any explanation.", [/alone/]],
    ["Write a line using the words 'sun' and 'moon'.", [/required words/]],
    ["Write about rain without using the word 'wet'.", [/forbidden words/]],
    ["Write the name in capital letters.", [/capital letters/]],
    ["Explain step by step how it works.", [/step by step/]],
    ["Answer with the correct emojis.", [/emojis/]],
  ])("finds in %j its form", (request, expected) => {
    const rules = found(request);
    expect(rules).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(rules[i]).toMatch(pattern);
  });

  it.each([
    "Why is the sky blue?",
    "Given a sentence in Spanish, say what it means.",
    "Serve it at the table, and write one of them down.",
    "There were five sentences on the wall and two people in the room.",
    "It took 30 minutes to name 3 days of the week.",
    "",
  ])("finds nothing in %j", (request) => {
    expect(found(request)).toEqual([]);
  });
});

describe("measure", () => {
  it.each([
    ["Describe it in at most 3 words.", "small and red", [true, "3 words"]],
    ["Describe it in at most 3 words.", "small, red and round", [false, "4 words"]],
    ["Describe it in one sentence.", "It is red. It is small.", [false, "2 sentences"]],
    ["Write a 10-word slogan.", "Ten words make a slogan that people may remember", [true, "9 words"]],
    ["Name two animals.", "Dolphins and whales", [true, "2 items"]],
    ["Name two animals.", "- dolphin\n- whale\n- seal", [false, "3 items"]],
    ["Use bullet points.", "- a\n- b", [true, "2 bullets"]],
    ["Return it as JSON.", '```json\n{"a": 1}\n```', [true, "valid JSON"]],
    ["Return it as JSON.", "a: 1", [false, "no valid JSON"]],
    ["Translate it into French.", "Le chat est dans la maison.", [true, "reads as French"]],
    ["Translate it into French.", "The cat is in the house.", [false, "does not read as French"]],
    ["Translate it into Russian.", "Кошка дома.", [true, "reads as Russian"]],
    ["Answer with 'yes' or 'no'.", "I know.", [false, "names 0 of the offered answers"]],
    ["Answer with 'yes' or 'no'.", "Yes, it is.", [true, "names 1 of the offered answers"]],
    ["Write a line using the words 'sun' and 'moon'.", "The Sun sets.", [false, "has 1 of 2 required"]],
    ["Avoid the word 'wet'.", "A wet day", [false, "has 1 forbidden"]],
    ["Write it in lower case.", "Yes", [false, "1 capital letter"]],
  ] as const)("of %j for %j", (request, response, expected) => {
    expect(measured(request, response)).toEqual(expected);
  });

  it("knows the languages under any spelling of their names", () => {
    expect(measured("translate this to french", "Le chat est là.")[0]).toBe(true);
  });
});

describe("wordings", () => {
  it("all name the response, and carry a value where the rule has one", () => {
    for (const { wordings, values } of HARD_RULES)
      for (const wording of wordings) {
        expect(wording).toMatch(/^The response .*\.$/);
        expect(wording.includes("#")).toBe(values !== undefined);
      }
  });
});
