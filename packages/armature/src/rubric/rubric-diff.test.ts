import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyItem } from "../../test/rubric/any-item.ts";
import { type CriterionParts, makeRubric } from "./check-rubric.ts";
import { diffRubric, diffRubrics } from "./rubric-diff.ts";
import type { RubricItem } from "./rubric-item.ts";
import { textSimilarity } from "./text-similarity.ts";

function itemOf(id: string, criteria: readonly (string | CriterionParts)[]): RubricItem {
  return { id, prompt: null, reference: null, responses: [], rubric: makeRubric(criteria) };
}

describe("diffRubric", () => {
  it("tells what was added, removed, reworded and weighed anew, whatever the ids and the order", () => {
    const before = itemOf("r", [
      "Names the river",
      { text: "Says who governs Berlin today", weight: 2 },
      "Gives the date of birth of the author",
      { text: "Is rude to the user", polarity: "bad" },
    ]);
    const after = itemOf("r", [
      { text: "Is rude to the user", polarity: "good" },
      { text: "Says who governs Berlin today", weight: 3 },
      "Gives the author's date of birth in figures",
      "Ends with a question",
    ]);
    const { added, removed, kept } = diffRubric(before, after);
    expect(added.map(({ text }) => text)).toEqual(["Ends with a question"]);
    expect(removed.map(({ text }) => text)).toEqual(["Names the river"]);
    expect(kept.map(({ before, changed }) => [before.id, changed])).toEqual([
      ["c4", ["polarity"]],
      ["c2", ["weight"]],
      ["c3", ["text"]],
    ]);
    // Stems give, date, birth, author beside these and figur: 2·4 / (4 + 5).
    expect(kept[2]!.similarity).toBeCloseTo(8 / 9, 10);
  });

  it("finds no change in a rubric and itself, and every criterion in a disjoint one", () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const same = diffRubric(item, item);
        expect([same.added, same.removed]).toEqual([[], []]);
        expect(
          same.kept.every(({ before, after, changed }) => before === after && changed.length === 0),
        ).toBe(true);
        const other = itemOf("other", ["Quetzal xylophone zeppelin"]);
        const { added, removed } = diffRubric(item, other);
        expect(added).toHaveLength(1);
        expect(removed).toEqual(item.rubric.criteria);
      }),
      { numRuns: 50 },
    );
  });

  it("counts every criterion once", () => {
    fc.assert(
      fc.property(anyItem, anyItem, (before, after) => {
        const { added, removed, kept } = diffRubric(before, after);
        expect(added.length + kept.length).toBe(after.rubric.criteria.length);
        expect(removed.length + kept.length).toBe(before.rubric.criteria.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe("diffRubrics", () => {
  const prompt = (id: string) => ({ id, messages: [{ role: "user", content: id }] as const });

  it("finds rubrics by id, then by prompt", () => {
    const before = [
      itemOf("a", ["x y z"]),
      { ...itemOf("b", ["x"]), prompt: prompt("p") },
      itemOf("c", ["x"]),
    ];
    const after = [
      itemOf("a", ["x y z"]),
      { ...itemOf("b2", ["x"]), prompt: prompt("p") },
      itemOf("d", ["x"]),
    ];
    const diff = diffRubrics(before, after);
    expect(diff.rubrics.map(({ id }) => id)).toEqual(["a", "b2"]);
    expect([diff.added, diff.removed]).toEqual([["d"], ["c"]]);
  });

  it("compares two files of one rubric each, whatever they are called", () => {
    expect(diffRubrics([itemOf("a", ["x"])], [itemOf("b", ["x"])]).rubrics).toHaveLength(1);
  });
});

describe("textSimilarity", () => {
  it("counts stems of content words", () => {
    // paris, capital, franc | capital, franc, larg, citi -> Dice 2·2 / (3 + 4) by hand.
    expect(
      textSimilarity("Paris is the capital of France", "The capital of France, a large place"),
    ).toBeCloseTo(4 / 7, 10);
    expect(textSimilarity("names the city", "naming of a city")).toBe(1);
    expect(textSimilarity("the", "of")).toBe(0);
    expect(textSimilarity("中文", "中国")).toBeCloseTo(1 / 2, 10);
  });
});
