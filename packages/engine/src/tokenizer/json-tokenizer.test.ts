import { describe, expect, it } from "vitest";
import { ModelFileError } from "../errors.ts";
import type { JsonObject } from "../weights/json-file.ts";
import { bpeFiles } from "./bpe-files.ts";
import { createTokenizer } from "./json-tokenizer.ts";

const tokens = ["<s>", "</s>", "a", "b", "ab", "Ġ", "<|call|>"];
const files = bpeFiles({
  tokens,
  merges: [["a", "b"]],
  marks: { bos: 0, eos: 1 },
  added: [
    { id: 0, special: true },
    { id: 1, special: true },
    { id: 6, special: false },
  ],
  addBos: true,
  normalizer: null,
  preTokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
});

describe("createTokenizer", () => {
  const tokenizer = createTokenizer(files, "tokenizer.json", [1, 6]);

  it("adds marks and leaves special tokens out only where asked", () => {
    expect([...tokenizer.encode("ab b")]).toEqual([4, 5, 3]);
    expect([...tokenizer.encode("ab", { specialTokens: true })]).toEqual([0, 4]);
    expect(tokenizer.decode([0, 4, 6, 1])).toBe("<s>ab<|call|></s>");
    expect(tokenizer.decode([0, 4, 6, 1], { skipSpecial: true })).toBe("ab<|call|>");
    expect(tokenizer.decode([0], { skipSpecial: true })).toBe("");
    expect(tokenizer.decode(Int32Array.of(4))).toBe("ab");
  });

  it("joins the end tokens of the tokenizer and of the model", () => {
    expect(tokenizer.eosTokenIds).toEqual([1, 6]);
    expect(createTokenizer(files, "tokenizer.json").eosTokenIds).toEqual([1]);
    expect(tokenizer.vocabularySize).toBe(7);
  });

  it.each([
    [true, ["Â", "½", "Â", "½"]],
    [false, ["Â", "½Â", "½"]],
  ])("cuts at every numeric character, individually: %s", (individual, expected) => {
    const pieces = ["Â", "½", "½Â"];
    const digits = { type: "Digits", individual_digits: individual };
    const byteLevel = files.tokenizerJson["pre_tokenizer"];
    const tokenizerJson: JsonObject = {
      ...files.tokenizerJson,
      added_tokens: [],
      pre_tokenizer: { type: "Sequence", pretokenizers: [digits, byteLevel] },
      model: { type: "BPE", vocab: { Â: 0, "½": 1, "½Â": 2 }, merges: [["½", "Â"]] },
    };
    const tokenizer = createTokenizer({ tokenizerJson, tokenizerConfig: {} }, "tokenizer.json");
    expect([...tokenizer.encode("½½")].map((id) => pieces[id])).toEqual(expected);
  });

  it("refuses ids outside the vocabulary", () => {
    expect(() => tokenizer.decode([2, 7])).toThrow(RangeError);
    expect(() => tokenizer.decode([-1])).toThrow(/token -1 is outside the vocabulary of 7/);
  });

  it("keeps spaces before punctuation unless the file says otherwise", () => {
    const words: JsonObject = { ...files.tokenizerJson, decoder: null };
    const plain = createTokenizer({ tokenizerJson: words, tokenizerConfig: {} }, "tokenizer.json");
    expect(plain.decode([2, 3])).toBe("a b");
  });

  it.each([
    ["no model", {}, /needs a "model" object/],
    [
      "an unknown model",
      { model: { type: "Magic" } },
      /x.json: this tokenizer cannot be used: Unknown TokenizerModel/,
    ],
    [
      "an unknown pre-tokenizer",
      { ...files.tokenizerJson, pre_tokenizer: { type: "Magic" } },
      /x.json: this tokenizer cannot be used: Unknown PreTokenizer type: Magic/,
    ],
    [
      "a model without merges",
      { model: { type: "BPE", vocab: { a: 0 } } },
      /x.json: this tokenizer cannot be used/,
    ],
  ])("refuses %s", (_, tokenizerJson, message) => {
    const create = () => createTokenizer({ tokenizerJson, tokenizerConfig: {} }, "x.json");
    expect(create).toThrow(ModelFileError);
    expect(create).toThrow(message);
  });
});
