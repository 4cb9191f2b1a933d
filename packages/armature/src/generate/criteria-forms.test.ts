import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeArmText } from "../rubric/arm-text.ts";
import { readTaggedCriteria } from "./tagged-criteria.ts";
import { readWeightedCriteria } from "./weighted-criteria.ts";

describe("weighted criteria", () => {
  test("get ids in order, whatever ids the reply gives, and weight 1 where none is written", () => {
    const reply =
      '```json\n{"criteria": [{"id": "x9", "criterion": "States the year.", "weight": 3}, {"criterion": "Is brief."}]}\n```';
    expect(readWeightedCriteria(reply)).toEqual({
      ok: true,
      rubric: {
        criteria: [
          { id: "c1", text: "States the year.", weight: 3, polarity: "good" },
          { id: "c2", text: "Is brief.", weight: 1, polarity: "good" },
        ],
      },
      repairs: ["missing-weight: 1 taken"],
    });
  });

  test("a reply without them is a fault", () => {
    expect(readWeightedCriteria("No.")).toMatchObject({ ok: false });
  });
});

describe("tagged criteria", () => {
  test("are read between sentences, thoughts and fences", () => {
    const reply =
      "<think>1. no [Principle]</think>Here is the rubric:\n```\n1. The response has a title. [Hard Rule]\n\n2. The response is clear. [Principle]\n```\nI hope this helps.";
    expect(readTaggedCriteria(reply)).toEqual({
      ok: true,
      rubric: {
        criteria: [
          { id: "c1", text: "The response has a title.", weight: 1, polarity: "good", kind: "hard-rule" },
          { id: "c2", text: "The response is clear.", weight: 1, polarity: "good", kind: "principle" },
        ],
      },
      repairs: ["surrounding-text: 4 lines passed over"],
    });
  });

  test("a rubric that was written in the paper's form is read back out of prose", () => {
    const words = fc.array(fc.constantFrom("the", "response", "is", "clear", "1.", "short", "[so]"), {
      minLength: 1,
    });
    const text = words.map((list) => `The response ${list.join(" ")} end`);
    const criterion = fc.record({ text, kind: fc.constantFrom("hard-rule" as const, "principle" as const) });
    const rubrics = fc.uniqueArray(criterion, { minLength: 1, selector: (item) => item.text });
    const prose = fc.constantFrom("", "Here is the rubric:", "Sure!\n\n```", "<think>1. no</think>");
    fc.assert(
      fc.property(rubrics, prose, fc.constantFrom("", "```\nGood luck."), (criteria, before, after) => {
        const reading = readTaggedCriteria(`${before}\n${writeArmText({ criteria })}\n${after}`);
        expect(reading.ok && reading.rubric.criteria.map(({ text, kind }) => ({ text, kind }))).toEqual(
          criteria,
        );
      }),
    );
  });

  test.each([
    ["", "empty-reply: nothing was written"],
    ["It should be good.", "no-items: no numbered line"],
    ["1. The response is good.", "missing-tag: item 1 does not end with [Hard Rule] or [Principle]"],
    [
      "1. The response is a. [Principle]\n3. The response is b. [Principle]",
      "wrong-number: item 2 is numbered 3",
    ],
  ])("%j is a fault", (reply, fault) => {
    expect(readTaggedCriteria(reply)).toEqual({ ok: false, fault });
  });
});
