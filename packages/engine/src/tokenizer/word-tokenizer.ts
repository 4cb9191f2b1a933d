import { ModelFileError } from "../errors.ts";
import { isObject, type JsonObject } from "../weights/json-file.ts";
import { type Tokenizer, type TokenizerFiles, tokenText } from "./tokenizer.ts";

/** Which words of a vocabulary are marks rather than text. */
export interface WordMarks {
  readonly bos?: string;
  readonly eos?: string;
  readonly pad?: string;
  /** Further words that `skipSpecial` leaves out. */
  readonly others?: readonly string[];
}

/**
 * One token a word, words separated by white space; a word's place in `vocabulary` is its id. There is no unknown token: a
 * closed world has a name for everything, and a missing word is a mistake that should be seen.
 * Throws `ModelFileError` for words that are empty, repeated or hold white space, and for marks outside the vocabulary.
 */
export function createWordTokenizer(vocabulary: readonly string[], marks: WordMarks = {}): Tokenizer {
  const special = [marks.bos, marks.eos, marks.pad, ...(marks.others ?? [])].filter(
    (word) => word !== undefined,
  );
  const ids = new Map(vocabulary.map((word, id) => [word, id]));
  const tokenizerJson: JsonObject = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content) => ({
      id: ids.get(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: null,
    model: { type: "WordLevel", vocab: Object.fromEntries(ids), unk_token: "<unk>" },
  };
  const tokenizerConfig: JsonObject = {
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
    ...(marks.bos !== undefined && { bos_token: marks.bos }),
    ...(marks.eos !== undefined && { eos_token: marks.eos }),
    ...(marks.pad !== undefined && { pad_token: marks.pad }),
  };
  return new WordTokenizer({ tokenizerJson, tokenizerConfig }, vocabulary, special, marks.eos, "vocabulary");
}

/** Reads what `createWordTokenizer` wrote, or any WordLevel `tokenizer.json` that splits at white space alone. */
export function readWordTokenizer(files: TokenizerFiles, where: string): Tokenizer {
  const {
    model,
    pre_tokenizer: split,
    normalizer,
    added_tokens: added,
  } = files.tokenizerJson as JsonObject & {
    model: JsonObject;
  };
  if (!isObject(split) || split["type"] !== "WhitespaceSplit" || (normalizer ?? null) !== null)
    throw new ModelFileError(
      `${where}: a WordLevel tokenizer must have the pre-tokenizer WhitespaceSplit and no normalizer`,
    );
  const vocabulary: string[] = [];
  const entries = isObject(model["vocab"]) ? Object.entries(model["vocab"]) : [];
  for (const [word, id] of entries) {
    const free = Number.isInteger(id) && vocabulary[id as number] === undefined;
    if (!free || (id as number) < 0 || (id as number) >= entries.length)
      throw new ModelFileError(
        `${where}: word "${word}" has id ${String(id)}; ids must be 0 to ${entries.length - 1}, each once`,
      );
    vocabulary[id as number] = word;
  }
  const special = (Array.isArray(added) ? added : []).filter((token) => token?.special).map(tokenText);
  const eos = tokenText(files.tokenizerConfig["eos_token"]);
  return new WordTokenizer(files, vocabulary, special, eos, where);
}

class WordTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly eosTokenIds: readonly number[];
  readonly files: TokenizerFiles;
  readonly #vocabulary: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;
  readonly #special: ReadonlySet<number | undefined>;

  constructor(
    files: TokenizerFiles,
    vocabulary: readonly string[],
    special: readonly (string | undefined)[],
    eos: string | undefined,
    where: string,
  ) {
    this.files = files;
    this.#vocabulary = vocabulary;
    this.#ids = new Map(vocabulary.map((word, id) => [word, id]));
    this.vocabularySize = vocabulary.length;
    if (vocabulary.length === 0 || this.#ids.size < vocabulary.length)
      throw new ModelFileError(`${where}: the vocabulary is empty or has a word twice`);
    const odd = vocabulary.findIndex((word) => word === "" || /\s/.test(word));
    if (odd >= 0)
      throw new ModelFileError(`${where}: token ${odd} is no word: ${JSON.stringify(vocabulary[odd])}`);
    for (const mark of special)
      if (mark === undefined || !this.#ids.has(mark))
        throw new ModelFileError(`${where}: special token ${JSON.stringify(mark)} is not in the vocabulary`);
    this.#special = new Set(special.map((mark) => this.#ids.get(mark!)));
    const eosId = eos === undefined ? undefined : this.#ids.get(eos);
    this.eosTokenIds = eosId === undefined ? [] : [eosId];
  }

  encode(text: string): Int32Array {
    const words = text.split(/\s+/).filter((word) => word !== "");
    return Int32Array.from(words, (word, place) => {
      const id = this.#ids.get(word);
      if (id === undefined)
        throw new ModelFileError(
          `the vocabulary of ${this.vocabularySize} words lacks "${word}" (word ${place + 1} of the text): reword it or use a model with a larger vocabulary`,
        );
      return id;
    });
  }

  decode(tokens: ArrayLike<number>, options: { readonly skipSpecial?: boolean } = {}): string {
    const words: string[] = [];
    for (const id of Array.from(tokens)) {
      const word = this.#vocabulary[id];
      if (word === undefined)
        throw new RangeError(`token ${id} is outside the vocabulary of ${this.vocabularySize}`);
      if (!(options.skipSpecial && this.#special.has(id))) words.push(word);
    }
    return words.join(" ");
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token);
  }
}
