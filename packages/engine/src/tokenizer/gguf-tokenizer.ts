import { ModelFileError } from "../errors.ts";
import type { GgufFile } from "../weights/gguf.ts";
import type { JsonObject } from "../weights/json-file.ts";
import { bpeFiles, type MarkIds } from "./bpe-files.ts";
import { createTokenizer } from "./json-tokenizer.ts";
import { scoredBpeFiles } from "./scored-bpe.ts";
import type { Tokenizer, TokenizerFiles } from "./tokenizer.ts";

/** llama.cpp's token types. */
const CONTROL = 3;
const USER_DEFINED = 4;

const byteLevel = (useRegex: boolean): JsonObject => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const LLAMA3_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const GPT2_SPLIT: JsonObject = byteLevel(true);
/** Every digit by itself, then GPT-2's pattern on what lies between. */
const DIGITS_SPLIT: JsonObject = {
  type: "Sequence",
  pretokenizers: [{ type: "Digits", individual_digits: true }, byteLevel(true)],
};
const LLAMA3_SPLIT: JsonObject = {
  type: "Sequence",
  pretokenizers: [
    { type: "Split", pattern: { Regex: LLAMA3_PATTERN }, behavior: "Isolated", invert: false },
    byteLevel(false),
  ],
};

/** How a text is cut before merging: the key is llama.cpp's name in `tokenizer.ggml.pre`. */
const SPLITS: ReadonlyMap<string, JsonObject> = new Map([
  ["default", GPT2_SPLIT],
  ["gpt-2", GPT2_SPLIT],
  ["smollm", DIGITS_SPLIT],
  ["starcoder", DIGITS_SPLIT],
  ["llama-bpe", LLAMA3_SPLIT],
]);

type GgufHeader = Pick<GgufFile, "path" | "metadata">;

/** The tokenizer in a GGUF file's metadata: byte-level BPE ("gpt2") or SentencePiece BPE ("llama"). */
export function ggufTokenizer(file: GgufHeader): Tokenizer {
  const kind = file.metadata.required("tokenizer.ggml.model", file.metadata.text("tokenizer.ggml.model"));
  const parts = readParts(file);
  let files: TokenizerFiles;
  if (kind === "gpt2") files = byteLevelFiles(file, parts);
  else if (kind === "llama") files = sentencePieceFiles(file, parts);
  else
    throw new ModelFileError(
      `${file.path}: tokenizer.ggml.model "${kind}" cannot be read; readable are gpt2 and llama`,
    );
  const endOfTurn = file.metadata.number("tokenizer.ggml.eot_token_id");
  return createTokenizer(files, file.path, endOfTurn === undefined ? [] : [endOfTurn]);
}

interface GgufTokens {
  readonly tokens: readonly string[];
  readonly marks: MarkIds;
  readonly control: readonly number[];
  readonly userDefined: readonly number[];
  readonly chatTemplate: string | undefined;
}

function readParts({ path, metadata }: GgufHeader): GgufTokens {
  const tokens = metadata.required("tokenizer.ggml.tokens", metadata.texts("tokenizer.ggml.tokens"));
  const types = metadata.numbers("tokenizer.ggml.token_type") ?? [];
  const ofType = (type: number) => tokens.flatMap((_, id) => (types[id] === type ? [id] : []));
  const mark = (name: string) => {
    const id = metadata.number(`tokenizer.ggml.${name}_token_id`);
    if (id !== undefined && tokens[id] === undefined)
      throw new ModelFileError(`${path}: tokenizer.ggml.${name}_token_id ${id} is outside the vocabulary`);
    return id;
  };
  return {
    tokens,
    marks: { bos: mark("bos"), eos: mark("eos"), unknown: mark("unknown"), pad: mark("padding") },
    control: ofType(CONTROL),
    userDefined: ofType(USER_DEFINED),
    chatTemplate: metadata.text("tokenizer.chat_template"),
  };
}

function byteLevelFiles({ path, metadata }: GgufHeader, parts: GgufTokens): TokenizerFiles {
  const split = metadata.text("tokenizer.ggml.pre") ?? "default";
  const preTokenizer = SPLITS.get(split);
  if (!preTokenizer)
    throw new ModelFileError(
      `${path}: tokenizer.ggml.pre "${split}" is not known (known: ${[...SPLITS.keys()].join(", ")}); use the model's Hugging Face folder instead`,
    );
  const merges = metadata.required("tokenizer.ggml.merges", metadata.texts("tokenizer.ggml.merges"));
  return bpeFiles({
    tokens: parts.tokens,
    marks: parts.marks,
    merges: merges.map((merge, rank) => {
      // A space inside a token is spelled Ġ, so the first one separates.
      const cut = merge.indexOf(" ", 1);
      if (cut < 0) throw new ModelFileError(`${path}: tokenizer.ggml.merges[${rank}] "${merge}" is no pair`);
      return [merge.slice(0, cut), merge.slice(cut + 1)] as const;
    }),
    added: [
      ...parts.control.map((id) => ({ id, special: true })),
      ...parts.userDefined.map((id) => ({ id, special: false })),
    ],
    addBos: metadata.flag("tokenizer.ggml.add_bos_token") ?? split === "llama-bpe",
    // Llama 3 takes a word that is a token as it is, whatever its merges say.
    model: { ignore_merges: split === "llama-bpe" },
    normalizer: null,
    preTokenizer,
    decoder: byteLevel(true),
    chatTemplate: parts.chatTemplate,
  });
}

function sentencePieceFiles({ path, metadata }: GgufHeader, parts: GgufTokens): TokenizerFiles {
  const scores = metadata.required("tokenizer.ggml.scores", metadata.numbers("tokenizer.ggml.scores"));
  if (scores.length !== parts.tokens.length)
    throw new ModelFileError(
      `${path}: tokenizer.ggml.scores has ${scores.length} entries for ${parts.tokens.length} tokens`,
    );
  // The unknown token (type 2) is matched literally by transformers, as control tokens are.
  const unknown = parts.marks.unknown === undefined ? [] : [parts.marks.unknown];
  return scoredBpeFiles({
    ...parts,
    scores,
    control: [...new Set([...unknown, ...parts.control])].sort((a, b) => a - b),
    addBos: metadata.flag("tokenizer.ggml.add_bos_token") ?? true,
    addSpacePrefix: metadata.flag("tokenizer.ggml.add_space_prefix") ?? true,
  });
}
