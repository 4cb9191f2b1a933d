import { describe, expect, test } from "vitest";
import { readRarItems } from "./rar-items.ts";

type Item = Readonly<Record<string, unknown>>;

const filler = (count: number): Item[] =>
  Array.from({ length: count }, (_, i) => ({
    title: `Point ${i}`,
    category: "important",
    description: `States point ${i}.`,
    weight: 3,
    whenTrue: "good",
  }));

const lastOf = (item: Item) => {
  const reading = readRarItems(JSON.stringify({ criteria: [...filler(6), item] }));
  return reading.ok ? { criterion: reading.rubric.criteria.at(-1)!, repairs: reading.repairs } : reading;
};

const pitfall = (description: string, more: Item = {}): Item => ({
  title: "Trap",
  category: "pitfall",
  description,
  weight: -1,
  ...more,
});

describe("RaR items", () => {
  test("have category, signed weight, polarity, title and id", () => {
    expect(lastOf(pitfall("The answer recommends rest alone.", { weight: -2, whenTrue: "bad" }))).toEqual({
      criterion: {
        id: "c7",
        text: "The answer recommends rest alone.",
        weight: -2,
        polarity: "bad",
        title: "Trap",
        category: "pitfall",
      },
      repairs: [],
    });
  });

  // The trap of papers' sets: pitfalls that "avoid" are good when true, pitfalls that leave something out are bad.
  test.each([
    ["Avoids naming a wrong unit.", "good", "good"],
    ["The response avoids a wrong unit.", undefined, "good"],
    ["The answer does not recommend surgery.", "good", "good"],
    ["Does not mention the dose.", "bad", "bad"],
    ["Does not mention the dose.", "good", "bad"],
    ["The answer fails to warn of bleeding.", "good", "bad"],
    ["Omits the unit.", undefined, "bad"],
    ["Recommends surgery at once.", "bad", "bad"],
    ["Recommends surgery at once.", undefined, "bad"],
    ["The answer warns against surgery.", "good", "good"],
  ])("%s, called %s, is %s when true", (text, whenTrue, polarity) => {
    expect(lastOf(pitfall(text, { whenTrue }))).toMatchObject({ criterion: { polarity } });
  });

  test.each<[what: string, item: Item, criterion: object, repairs: string[]]>([
    [
      "a pitfall's weight as its size",
      pitfall("Claims X.", { weight: 2, whenTrue: "bad" }),
      { weight: -2, category: "pitfall" },
      [],
    ],
    [
      "the category in front of the text, as in the released data",
      { description: "Essential Criteria: Names the cause.", weight: 5, whenTrue: "good" },
      { category: "essential", text: "Names the cause.", weight: 5 },
      [],
    ],
    [
      "a weight outside its category",
      { category: "Optional", description: "Is brief.", weight: 5, whenTrue: "good" },
      { category: "optional", weight: 2 },
      ["clamped-weight: 5 is outside 1 to 2"],
    ],
    [
      "a good item that is called bad",
      { category: "essential", description: "Names the cause.", weight: 5, whenTrue: "bad" },
      { polarity: "good" },
      ["polarity: a statement outside the pitfalls was called bad; good taken"],
    ],
    [
      "a missing weight",
      pitfall("Claims X.", { weight: undefined, whenTrue: "bad" }),
      { weight: -1 },
      ["missing-weight: -1 taken"],
    ],
  ])("reads %s", (_, item, criterion, repairs) => {
    expect(lastOf(item)).toMatchObject({ criterion, repairs });
  });

  test("are faults where there are too few, too many or none of a category", () => {
    const fault = (items: readonly Item[]) => {
      const reading = readRarItems(JSON.stringify(items));
      return reading.ok ? "read" : reading.fault;
    };
    expect(fault(filler(6))).toBe("item-count: 6 items; 7 to 20 are needed");
    expect(fault(filler(21))).toBe("item-count: 21 items; 7 to 20 are needed");
    expect(fault(filler(7))).toBe("read");
    expect(fault(filler(20))).toBe("read");
    expect(fault([...filler(7), { description: "Is nice.", category: "other" }])).toBe(
      "no-category: item 8 names none of the four categories",
    );
  });
});
