import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyItem } from "../../../test/rubric/any-item.ts";
import { RowFault } from "../../data/row-fields.ts";
import { nativeFormat, readRubricItem, writeRubricItem } from "./native.ts";

describe("our own form", () => {
  it("gives back every item", () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const row = writeRubricItem(item);
        expect(nativeFormat.detect(row)?.sure).toBe(true);
        expect(readRubricItem(row)).toEqual(item);
      }),
    );
  });

  it("fills in what a row by hand leaves out, and keeps what it does not know", () => {
    const item = readRubricItem({
      prompt: "Why?",
      rubric: ["Says why", { text: "Rude", weight: 2 }],
      round: 3,
    });
    expect(item).toMatchObject({
      prompt: { messages: [{ role: "user", content: "Why?" }] },
      reference: null,
      responses: [],
      extra: { round: 3 },
      rubric: {
        criteria: [
          { id: "c1", text: "Says why", weight: 1, polarity: "good" },
          { id: "c2", text: "Rude", weight: 2, polarity: "good" },
        ],
      },
    });
    expect(item.id).toBe(item.prompt?.id);
  });

  it.each([
    [{}, "rubric is missing; give {criteria: [...]} or a list of criteria"],
    [{ rubric: [] }, "rubric.criteria is empty; give at least one criterion or remove the row"],
    [{ rubric: ["a", " "] }, "rubric.criteria[1] is empty; remove the row"],
    [{ rubric: [{ text: 3 }] }, "rubric.criteria[0].text is a number; give text as a string"],
    [{ rubric: [{ text: "a", weight: "2" }] }, "rubric.criteria[0].weight is a string; give a finite number"],
    [{ rubric: [{ text: "a", polarity: "up" }] }, 'rubric.criteria[0].polarity is "up"; known are good, bad'],
    [
      {
        rubric: [
          { text: "a", id: "x" },
          { text: "b", id: "x" },
        ],
      },
      'rubric.criteria[1].id is "x" as in criteria[0]; ids must differ',
    ],
    [
      {
        rubric: [
          {
            text: "a",
            choices: [
              { label: "no", value: 1 },
              { label: "yes", value: 0 },
            ],
          },
        ],
      },
      'rubric.criteria[0].choices falls at "yes"; order from worst to best',
    ],
    [
      {
        rubric: [
          {
            text: "a",
            choices: [
              { label: "1", value: 1 },
              { label: "2", value: 2 },
            ],
          },
        ],
      },
      "rubric.criteria[0].choices has a value outside 0 to 1; scale the values",
    ],
    [
      { rubric: ["a"], prompt: [{ role: "assistant", content: "b" }] },
      /^the prompt does not end with a user/,
    ],
    [
      { rubric: ["a"], responses: [{ text: "b", verdicts: [] }] },
      /^responses\[0\]\.verdicts has 0 entries for 1/,
    ],
  ])("says what is wrong with %j", (row, message) => {
    const read = () => readRubricItem(row);
    expect(read).toThrow(RowFault);
    expect(read).toThrow(message);
  });
});
