import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keywordsOf, keywordsUsed, textFeatures } from "./text-features.ts";

describe("textFeatures", () => {
  it("counts words, sentences, paragraphs and lines", () => {
    const features = textFeatures("It's done. Is it? Yes!\n\nA well-made lamp costs 3.50 euros");
    expect(features.words).toHaveLength(11);
    expect(features.sentenceLengths).toEqual([2, 2, 1, 6]);
    expect(features).toMatchObject({ paragraphs: 2, lines: 2, breaksOff: false });
  });

  it("counts each character of Chinese and Japanese as a word", () => {
    expect(textFeatures("物体は小さい。次").words).toHaveLength(7);
    expect(textFeatures("안녕 세계").words).toHaveLength(2);
  });

  it("tells bullets, numbered items and code from prose", () => {
    const list = "Buy:\n- milk\n* eggs\n1. first\n2) second\n**3.** third";
    expect(textFeatures(list)).toMatchObject({ bullets: 2, numbered: 3, codeLines: 0 });
    expect(textFeatures("See\n```js\nlet a = 1;\n\nlet b = 2;\n```\nDone.").codeLines).toBe(2);
    expect(textFeatures("See\n```\nlet a = 1;").codeLines).toBe(1);
    expect(textFeatures("Run\n    npm test\n    - not code").codeLines).toBe(1);
  });

  it("counts phrases of four words that return", () => {
    expect(textFeatures("we like it a lot and we like it a bit").repeatedPhrases).toBe(1);
    expect(textFeatures("one two three").repeatedPhrases).toBe(0);
  });

  it.each([
    ["The reason is that the old lamp in the", true],
    ["The reason is that the old lamp, the new one,", true],
    ["The reason is that the old lamp is broken.", false],
    ["The reason is that the old lamp is “broken”", false],
    ["- the old lamp in the hall of the house", false],
    ["See https://example.org/a/b/c/d/e/f/g/h/i", false],
    ["Paris", false],
    ["", false],
  ])("takes %j as broken off: %s", (text, breaksOff) => {
    expect(textFeatures(text).breaksOff).toBe(breaksOff);
  });

  it("finds a request's subject in other inflections", () => {
    const keywords = keywordsOf(textFeatures("Please explain how vaccines protect a community"));
    expect(keywords).toEqual(["vaccines", "protect", "community"]);
    expect(keywordsUsed(keywords, textFeatures("Vaccination gives protection."))).toBe(2);
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const { words, sentenceLengths } = textFeatures(text);
        expect(sentenceLengths.reduce((sum, length) => sum + length, 0)).toBeGreaterThanOrEqual(words.length);
      }),
    );
  });
});
