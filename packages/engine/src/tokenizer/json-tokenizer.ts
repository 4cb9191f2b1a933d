import { Tokenizer as LibraryTokenizer } from "@huggingface/tokenizers";
import { ModelFileError } from "../errors.ts";
import { isObject, type JsonObject } from "../weights/json-file.ts";
import { type Tokenizer, type TokenizerFiles, tokenText } from "./tokenizer.ts";
import { readWordTokenizer } from "./word-tokenizer.ts";

/** Parts that the library demands; files of older versions leave out those that are null. */
const ABSENT_PARTS = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };

/**
 * The tokenizer that a `tokenizer.json` and its `tokenizer_config.json` describe. `moreEosTokenIds` are those that the model
 * itself names (`generation_config.json`, GGUF). Throws `ModelFileError` naming `where`.
 */
export function createTokenizer(
  files: TokenizerFiles,
  where: string,
  moreEosTokenIds: readonly number[] = [],
): Tokenizer {
  const model = files.tokenizerJson["model"];
  if (!isObject(model)) throw new ModelFileError(`${where}: needs a "model" object`);
  if (model["type"] === "WordLevel") return readWordTokenizer(files, where);
  return new JsonTokenizer(files, where, moreEosTokenIds);
}

class JsonTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly eosTokenIds: readonly number[];
  readonly files: TokenizerFiles;
  readonly #library: LibraryTokenizer;
  readonly #specialIds = new Set<number>();
  readonly #cleanSpaces: boolean;
  readonly #where: string;

  constructor(files: TokenizerFiles, where: string, moreEosTokenIds: readonly number[]) {
    this.files = files;
    this.#where = where;
    const json: JsonObject = { ...ABSENT_PARTS, ...files.tokenizerJson };
    json["pre_tokenizer"] = splitAllDigits(json["pre_tokenizer"]);
    const addedTokens = Array.isArray(json["added_tokens"]) ? json["added_tokens"] : [];
    try {
      this.#library = new LibraryTokenizer({ ...json, added_tokens: addedTokens }, files.tokenizerConfig);
      this.vocabularySize = 1 + largest(this.#library.get_vocab().values());
    } catch (error) {
      throw new ModelFileError(`${where}: this tokenizer cannot be used: ${(error as Error).message}`, {
        cause: error,
      });
    }
    for (const token of this.#library.get_added_tokens_decoder().values())
      if (token.special) this.#specialIds.add(token.id);
    // The library would tidy " ." to "." where the file is silent; transformers does so only where it is told.
    this.#cleanSpaces = files.tokenizerConfig["clean_up_tokenization_spaces"] === true;
    const eos = this.idOf(tokenText(files.tokenizerConfig["eos_token"]) ?? "");
    this.eosTokenIds = [...new Set([...(eos === undefined ? [] : [eos]), ...moreEosTokenIds])];
  }

  encode(text: string, options: { readonly specialTokens?: boolean } = {}): Int32Array {
    const { ids, tokens } = this.#library.encode(text, {
      add_special_tokens: options.specialTokens ?? false,
    });
    // An unknown word without an unknown token has no id; an Int32Array would make it token 0.
    const unknown = ids.indexOf(undefined as unknown as number);
    if (unknown >= 0)
      throw new ModelFileError(`${this.#where}: the vocabulary lacks ${JSON.stringify(tokens[unknown])}`);
    return Int32Array.from(ids);
  }

  decode(tokens: ArrayLike<number>, options: { readonly skipSpecial?: boolean } = {}): string {
    const ids = Array.from(tokens).filter((id) => !(options.skipSpecial && this.#specialIds.has(id)));
    for (const id of ids)
      if (this.#library.id_to_token(id) === undefined)
        throw new RangeError(`token ${id} is outside the vocabulary of ${this.vocabularySize}`);
    if (ids.length === 0) return "";
    return this.#library.decode(ids, { clean_up_tokenization_spaces: this.#cleanSpaces });
  }

  idOf(token: string): number | undefined {
    return this.#library.token_to_id(token);
  }
}

/**
 * The library's `Digits` knows 0 to 9 only; the original cuts at every numeric character, also "½" and "٣". SmolLM2's
 * tokenizer depends on it.
 */
function splitAllDigits(preTokenizer: unknown): unknown {
  if (!isObject(preTokenizer)) return preTokenizer;
  const parts = preTokenizer["pretokenizers"];
  if (Array.isArray(parts)) return { ...preTokenizer, pretokenizers: parts.map(splitAllDigits) };
  if (preTokenizer["type"] !== "Digits") return preTokenizer;
  const pattern = preTokenizer["individual_digits"] === true ? "\\p{N}" : "\\p{N}+";
  return { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false };
}

function largest(ids: Iterable<number>): number {
  let most = -1;
  for (const id of ids) most = Math.max(most, id);
  return most;
}
