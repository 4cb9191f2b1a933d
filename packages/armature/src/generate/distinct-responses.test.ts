import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distinctResponses } from "./distinct-responses.ts";

describe("distinct responses", () => {
  test("equal up to case, white space and Unicode form are one", () => {
    expect(distinctResponses(["A  b", "a b ", "ａ b", "c"])).toEqual({ kept: [0, 3], exact: 2, near: 0 });
  });

  // Nine words have seven triples. One word changed at the end changes one of them: 6 shared of 8 = 0.75; in the middle three:
  // 4 shared of 10 = 0.4.
  const base = "one two three four five six seven eight nine";
  const end = "one two three four five six seven eight ten";
  const middle = "one two three four FIFTH six seven eight nine";
  test.each([
    [1, [0, 1, 2], 0],
    [0.76, [0, 1, 2], 0],
    [0.75, [0, 2], 1],
    [0.4, [0], 2],
  ])("near by word triples at %d", (nearness, kept, near) => {
    expect(distinctResponses([base, end, middle], { nearness })).toEqual({ kept, exact: 0, near });
  });

  test("short texts and scripts without spaces are told apart", () => {
    expect(distinctResponses(["yes", "no", "我喜欢吃苹果", "我喜欢看电影"], { nearness: 0.9 }).kept).toEqual([
      0, 1, 2, 3,
    ]);
  });

  test("every text is kept or counted, and what is kept is distinct", () => {
    const texts = fc.array(fc.constantFrom("a", "A", "b c d", "b c d e", "b  c d", "x y z w"));
    fc.assert(
      fc.property(texts, fc.double({ min: 0.1, max: 1, noNaN: true }), (list, nearness) => {
        const { kept, exact, near } = distinctResponses(list, { nearness });
        expect(kept.length + exact + near).toBe(list.length);
        const again = distinctResponses(
          kept.map((place) => list[place]!),
          { nearness },
        );
        expect(again.kept).toHaveLength(kept.length);
      }),
    );
  });
});
