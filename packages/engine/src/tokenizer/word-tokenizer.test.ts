import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ModelFileError } from "../errors.ts";
import { createTokenizer } from "./json-tokenizer.ts";
import { createWordTokenizer } from "./word-tokenizer.ts";

const vocabulary = ["<pad>", "<eos>", "[rubric]", "1.", "the", "lamp", "0", "10"];
const marks = { pad: "<pad>", eos: "<eos>", others: ["[rubric]"] };
const tokenizer = createWordTokenizer(vocabulary, marks);

describe("the word tokenizer", () => {
  it("takes each word at its place", () => {
    expect([...tokenizer.encode("  [rubric] 1. the\n lamp\t<eos> ")]).toEqual([2, 3, 4, 5, 1]);
    expect(tokenizer.decode([2, 3, 4, 5, 1])).toBe("[rubric] 1. the lamp <eos>");
    expect(tokenizer.decode([2, 3, 4, 5, 1], { skipSpecial: true })).toBe("1. the lamp");
    expect(tokenizer.eosTokenIds).toEqual([1]);
    expect(tokenizer.vocabularySize).toBe(8);
    expect(tokenizer.idOf("lamp")).toBe(5);
    expect(tokenizer.idOf("table")).toBeUndefined();
    expect([...tokenizer.encode("")]).toEqual([]);
    expect(tokenizer.decode([])).toBe("");
  });

  it("round-trips every sequence of ids, also after saving", () => {
    const saved = JSON.parse(JSON.stringify(tokenizer.files));
    const again = createTokenizer(saved, "tokenizer.json");
    expect(again.eosTokenIds).toEqual([1]);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: vocabulary.length - 1 })), (ids) => {
        expect([...again.encode(tokenizer.decode(ids))]).toEqual(ids);
        expect(again.decode(ids, { skipSpecial: true })).toBe(tokenizer.decode(ids, { skipSpecial: true }));
      }),
    );
  });

  it("names the unknown word and its place", () => {
    expect(() => tokenizer.encode("the green lamp")).toThrow(ModelFileError);
    expect(() => tokenizer.encode("the green lamp")).toThrow(/8 words lacks "green" \(word 2 of the text\)/);
    expect(() => tokenizer.decode([4, 8])).toThrow(/token 8 is outside the vocabulary of 8/);
  });

  it.each([
    ["a word twice", ["a", "a"], {}, /has a word twice/],
    ["no words", [], {}, /is empty/],
    ["white space in a word", ["a", "b c"], {}, /token 1 is no word: "b c"/],
    ["an empty word", [""], {}, /token 0 is no word/],
    [
      "a mark outside the vocabulary",
      ["a"],
      { eos: "<eos>" },
      /special token "<eos>" is not in the vocabulary/,
    ],
  ])("refuses %s", (_, words, wordMarks, message) => {
    expect(() => createWordTokenizer(words, wordMarks)).toThrow(ModelFileError);
    expect(() => createWordTokenizer(words, wordMarks)).toThrow(message);
  });

  it.each([
    ["ids with a hole", { a: 0, b: 2 }, /word "b" has id 2; ids must be 0 to 1/],
    ["an id twice", { a: 1, b: 1 }, /word "b" has id 1; ids must be 0 to 1, each once/],
    ["no vocabulary", undefined, /vocabulary is empty/],
  ])("refuses a saved tokenizer with %s", (_, vocab, message) => {
    const { tokenizerJson } = createWordTokenizer(["a", "b"]).files;
    const json = { ...tokenizerJson, model: { type: "WordLevel", vocab } };
    expect(() => createTokenizer({ tokenizerJson: json, tokenizerConfig: {} }, "x/tokenizer.json")).toThrow(
      message,
    );
  });

  it("refuses a saved tokenizer that cuts in another way", () => {
    const { tokenizerJson } = tokenizer.files;
    const json = { ...tokenizerJson, pre_tokenizer: { type: "Whitespace" } };
    expect(() => createTokenizer({ tokenizerJson: json, tokenizerConfig: {} }, "x/tokenizer.json")).toThrow(
      /x\/tokenizer.json: a WordLevel tokenizer must have the pre-tokenizer WhitespaceSplit/,
    );
  });
});
