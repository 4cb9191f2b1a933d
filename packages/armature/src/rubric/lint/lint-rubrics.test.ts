import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyItem } from "../../../test/rubric/any-item.ts";
import { type CriterionParts, makeRubric } from "../check-rubric.ts";
import type { RubricItem } from "../rubric-item.ts";
import { LINT_RULES, lintRubric } from "./lint-rubrics.ts";

function itemOf(criteria: readonly (string | CriterionParts)[], prompt?: string): RubricItem {
  const messages = [{ role: "user", content: prompt ?? "" }] as const;
  return {
    id: "r",
    prompt: prompt === undefined ? null : { id: "p", messages },
    reference: null,
    responses: [],
    rubric: makeRubric(criteria),
  };
}

const found = (criteria: readonly (string | CriterionParts)[], prompt?: string) =>
  lintRubric(itemOf(criteria, prompt)).map(({ criterion, rule }) => `${criterion ?? "rubric"}: ${rule}`);

describe("lintRubric", () => {
  it.each([
    ["vague", "The response is appropriate for the audience"],
    ["vague", "Uses an engaging tone"],
    ["stacked", "Explains the cause of the fire and describes the damage in the city"],
    ["stacked", "Names the capital of France; should mention the river"],
    ["stacked", "The plan names the venue. The plan gives the date there. The plan lists every guest."],
    ["not-checkable", "The reader will feel welcome in the group"],
    ["not-checkable", "The dosage information is accurate."],
    ["not-self-contained", "Agrees with the reference answer on the date"],
    ["unclear-polarity", { text: "Avoids naming the patient", weight: -3, polarity: "bad" as const }],
    [
      "unclear-polarity",
      { text: "Does not reflect the wishes of the user", weight: -1, polarity: "bad" as const },
    ],
    ["unclear-polarity", "The response does not fail to name the river"],
    ["long", Array.from({ length: 61 }, (_, i) => `word${i}`).join(" ")],
    ["label", "Meandering"],
  ])("%s: %j", (rule, criterion) => {
    expect(found([criterion])).toContain(`c1: ${rule}`);
  });

  it.each([
    "Names Paris as the capital of France",
    "Lists the risks and benefits of the treatment",
    "Mentions citations and variations in the texts",
    "Gives a good reason in at most 20 words",
    'Includes the sentence "this is great and explains the world"',
    "Asks since when the knee hurts (such as after a fall and is it swollen)",
    { text: "Avoids blaming dust", weight: -1, polarity: "good" as const },
    {
      text: "Rate the tone",
      choices: [
        { label: "1", description: "good", value: 0 },
        { label: "2", value: 1 },
      ],
    },
  ])("finds nothing in %j", (criterion) => {
    expect(found([criterion])).toEqual([]);
  });

  it("finds nothing in a bad criterion that names what is bad", () => {
    const bad = { text: "Recommends surgery at once", weight: -9, polarity: "bad" as const };
    expect(found([bad, { text: "Asks since when the knee hurts", weight: 9 }])).toEqual([]);
  });

  it("compares criteria with each other", () => {
    const said = "Names Paris as the capital of France";
    expect(found([said, "The response names Paris as the capital of France."])).toEqual(["c2: duplicate"]);
    expect(found([said, "Names Paris as the largest city of France"])).toEqual(["c2: overlap"]);
    expect(found([said, "Names Paris as the capital of France in the second sentence of the text"])).toEqual([
      "c2: overlap",
    ]);
    expect(found([said, "Says who governs Berlin today"])).toEqual([]);
  });

  it("weighs", () => {
    const three = (weights: readonly number[], polarity: "good" | "bad" = "good") =>
      found(
        ["Names the river", "Says who governs Berlin", "Gives a date of birth"].map((text, i) => ({
          text,
          weight: weights[i]!,
          polarity,
        })),
      );
    expect(three([1, 1, 2])).toEqual([]);
    expect(three([1, 1, 3])).toEqual(["c3: unbalanced-weights"]);
    expect(three([1, 1, 0])).toEqual(["c3: unbalanced-weights"]);
    expect(three([0, 0, 0])).toEqual(["rubric: unbalanced-weights"]);
    expect(three([-1, -1, -1], "bad")).toEqual(["rubric: unbalanced-weights"]);
  });

  it("misses what the prompt demands in numbers and quotes", () => {
    const prompt = 'Write a note in at most 12 words and include the phrase "broken lamp".';
    expect(found(["Greets the boss by name"], prompt)).toEqual([
      "rubric: missing-terms",
      "rubric: missing-terms",
    ]);
    expect(found(["Has no more than 12 words", "Mentions the broken lamp"], prompt)).toEqual([]);
  });

  it("gives reasons and mends, the same every time, for every rubric", () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const findings = lintRubric(item);
        expect(lintRubric(item)).toEqual(findings);
        const rules = LINT_RULES.map(({ name }) => name);
        const ids = [...item.rubric.criteria.map(({ id }) => id), null];
        for (const { criterion, rule, reason, mend } of findings) {
          expect(rules).toContain(rule);
          expect(ids).toContain(criterion);
          expect(reason.length * mend.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 50 },
    );
  });
});
