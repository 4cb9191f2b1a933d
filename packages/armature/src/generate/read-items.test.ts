import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readItems, readWeight } from "./read-items.ts";

const textsOf = (reply: string): readonly string[] | string => {
  const reading = readItems(reply);
  return reading.ok ? reading.items.map(({ text }) => text) : reading.fault;
};

describe("a list of criteria in a reply", () => {
  test.each<[what: string, reply: string, result: readonly string[] | string]>([
    ["an object", '{"criteria": [{"criterion": "A", "weight": 1}]}', ["A"]],
    ["a bare array", '[{"criterion": "A"}, {"criterion": "B"}]', ["A", "B"]],
    ["other names", '{"rubric": [{"description": "A"}, {"requirement": "B"}]}', ["A", "B"]],
    ["texts", '{"criteria": ["A", "B"]}', ["A", "B"]],
    ["prose and a fence", 'Here it is:\n```json\n[{"criterion": "A"}]\n```\nBye [1]', ["A"]],
    ["thoughts with another list", '<think>[{"criterion": "X"}]</think>[{"criterion": "A"}]', ["A"]],
    ["trailing commas", '[{"criterion": "A",},]', ["A"]],
    ["lists of other things before it", '[1, 2] {"note": "x"} [{"criterion": "A"}]', ["A"]],
    ["a numbered list", "1. **A**\n2) B\nbye", ["A", "B"]],
    ["spaces and line breaks", '[{"criterion": " A\\n b "}]', ["A b"]],
    ["repeated items", '[{"criterion": "A."}, {"criterion": "a"}, {"criterion": "B"}]', ["A.", "B"]],
    ["nothing", " \n", "empty-reply: nothing was written"],
    ["thoughts only", "<think>on and on", "empty-reply: nothing was written"],
    ["prose", "I like it.", "no-list: neither a JSON list of criteria nor a numbered list"],
    [
      "a list that was cut off",
      '{"criteria": [{"criterion": "A", "weight": 1}, {"criterion": "B',
      "no-list: neither a JSON list of criteria nor a numbered list",
    ],
    ["an empty list", '{"criteria": []}', "empty-list: no criteria"],
    ["an item without text", '[{"criterion": "A"}, {"weight": 2}]', "bad-item: item 2 has no text"],
    ["an item with a blank text", '[{"criterion": " "}]', "bad-item: item 1 has no text"],
  ])("%s", (_, reply, result) => {
    expect(textsOf(reply)).toEqual(result);
  });

  test("tells what was mended", () => {
    const reading = readItems('[{"criterion": "A",}, {"criterion": "a"},]');
    expect(reading).toMatchObject({
      ok: true,
      repairs: ["mended-json: read over its slips", "repeated-item: 1 dropped"],
    });
    expect(readItems("1. A")).toMatchObject({ repairs: ["numbered-list: in place of JSON"] });
  });

  test("never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => void readItems(text)));
    fc.assert(fc.property(fc.jsonValue(), (value) => void readItems(JSON.stringify({ criteria: [value] }))));
  });
});

test.each<[unknown, number, string[]]>([
  [2, 2, []],
  ["3", 3, []],
  [undefined, 1, ["missing-weight: 1 taken"]],
  ["high", 1, ["missing-weight: 1 taken"]],
  [Number.NaN, 1, ["missing-weight: 1 taken"]],
  [9, 3, ["clamped-weight: 9 is outside 1 to 3"]],
  [-2, 1, ["clamped-weight: -2 is outside 1 to 3"]],
])("weight %j", (written, weight, repairs) => {
  const told: string[] = [];
  expect(readWeight(written, [1, 3], 1, (what) => told.push(what))).toBe(weight);
  expect(told).toEqual(repairs);
});
