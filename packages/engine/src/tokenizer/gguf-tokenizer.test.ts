import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ModelFileError } from "../errors.ts";
import { GgufMetadata, type GgufValue } from "../weights/gguf-metadata.ts";
import { ggufTokenizer } from "./gguf-tokenizer.ts";

interface ByteLevelGolden {
  pre: string;
  tokens: string[];
  merges: string[];
  ids: number[][];
  decoded: string[];
}

// Made by test/golden/make-tokenizer-golden.py with the Python packages tokenizers and sentencepiece.
const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/tokenizers.json", import.meta.url), "utf8"),
) as {
  texts: string[];
  byteLevel: ByteLevelGolden[];
  sentencePiece: { tokens: string[]; scores: number[]; types: number[]; texts: string[]; ids: number[][] };
};

function fromMetadata(values: Record<string, GgufValue>) {
  const keys = Object.entries(values).map(([key, value]) => [`tokenizer.${key}`, value] as const);
  return ggufTokenizer({ path: "tiny.gguf", metadata: new GgufMetadata("tiny.gguf", new Map(keys)) });
}

function byteLevel({ pre, tokens, merges }: ByteLevelGolden, more: Record<string, GgufValue> = {}) {
  return fromMetadata({
    "ggml.model": "gpt2",
    "ggml.pre": pre,
    "ggml.tokens": tokens,
    "ggml.merges": merges,
    "ggml.token_type": tokens.map((token) => (token.startsWith("<|") ? 3 : 1)),
    "ggml.eos_token_id": 0,
    "ggml.add_bos_token": false,
    ...more,
  });
}

describe.each(golden.byteLevel)("byte-level BPE cut as $pre", (reference) => {
  const tokenizer = byteLevel(reference);

  it.each(golden.texts.map((text, i) => ({ text, i })))(
    "gives the reference's ids for $text",
    ({ text, i }) => {
      expect([...tokenizer.encode(text)]).toEqual(reference.ids[i]);
      expect(tokenizer.decode(reference.ids[i]!)).toBe(reference.decoded[i]);
      expect(tokenizer.decode(reference.ids[i]!)).toBe(text);
    },
  );

  it("leaves special tokens out on demand and knows the end token", () => {
    const ids = tokenizer.encode("<|user|>a<|end|>");
    expect(tokenizer.decode(ids, { skipSpecial: true })).toBe("a");
    expect(tokenizer.eosTokenIds).toEqual([tokenizer.idOf("<|end|>")]);
    expect(tokenizer.vocabularySize).toBe(reference.tokens.length);
  });
});

describe("SentencePiece BPE", () => {
  const { tokens, scores, types, texts, ids } = golden.sentencePiece;
  const values = {
    "ggml.model": "llama",
    "ggml.tokens": tokens,
    "ggml.scores": scores,
    "ggml.token_type": types,
    "ggml.unknown_token_id": 0,
    "ggml.bos_token_id": 1,
    "ggml.eos_token_id": 2,
  };
  const tokenizer = fromMetadata(values);

  it.each(texts.map((text, i) => ({ text, i })))("gives the reference's ids for $text", ({ text, i }) => {
    expect([...tokenizer.encode(text)]).toEqual(ids[i]);
    // The library's byte decoder drops a byte order mark that begins a run of raw bytes.
    expect(tokenizer.decode(ids[i]!)).toBe(text.replaceAll("\ufeff", ""));
  });

  it("puts the beginning mark before a sequence where asked", () => {
    expect([...tokenizer.encode("a", { specialTokens: true })]).toEqual([1, ...tokenizer.encode("a")]);
  });

  it("refuses scores that do not fit the tokens", () => {
    expect(() => fromMetadata({ ...values, "ggml.scores": [1, 2] })).toThrow(/2 entries for \d+ tokens/);
  });
});

describe("GGUF tokenizers that cannot be read", () => {
  const reference = golden.byteLevel[0]!;
  it.each([
    ["an unknown way of cutting", { "ggml.pre": "klingon" }, /tokenizer.ggml.pre "klingon" is not known/],
    ["an unknown kind", { "ggml.model": "bert" }, /"bert" cannot be read; readable are gpt2 and llama/],
    ["a merge that is no pair", { "ggml.merges": ["ab"] }, /merges\[0\] "ab" is no pair/],
    ["an end token outside", { "ggml.eos_token_id": 99999 }, /eos_token_id 99999 is outside/],
    ["tokens of a wrong type", { "ggml.tokens": [1, 2] }, /must be a list of texts/],
  ])("%s", (_, more, message) => {
    expect(() => byteLevel(reference, more)).toThrow(ModelFileError);
    expect(() => byteLevel(reference, more)).toThrow(message);
  });
});
