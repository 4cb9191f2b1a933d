import type { JsonObject } from "../weights/json-file.ts";

/** Text to token ids and back. Ids are rows of the model's embedding matrix. */
export interface Tokenizer {
  /** One more than the largest id; the embedding matrix may have further, unused rows. */
  readonly vocabularySize: number;
  /** Tokens that end a text or a turn; may be empty. */
  readonly eosTokenIds: readonly number[];
  /** What `tokenizer.json` and `tokenizer_config.json` hold, to be saved beside a trained model. */
  readonly files: TokenizerFiles;
  /**
   * Special tokens written out in the text ("<|im_end|>") become their single ids: neutralise untrusted text first.
   * `specialTokens` adds the marks that the model expects around a whole sequence (default false: a rendered chat template
   * holds them already). Throws `ModelFileError` for a word that the vocabulary lacks.
   */
  encode(text: string, options?: { readonly specialTokens?: boolean }): Int32Array;
  /** `skipSpecial` leaves special tokens out (default false). Throws `RangeError` for an id outside the vocabulary. */
  decode(tokens: ArrayLike<number>, options?: { readonly skipSpecial?: boolean }): string;
  /** Id of one token as the vocabulary spells it. */
  idOf(token: string): number | undefined;
}

/** The two files that describe a tokenizer in the Hugging Face layout. */
export interface TokenizerFiles {
  readonly tokenizerJson: JsonObject;
  readonly tokenizerConfig: JsonObject;
}

/** Text of a special token: older files give it as an object. */
export function tokenText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const content = (value as { content?: unknown } | null | undefined)?.content;
  return typeof content === "string" ? content : undefined;
}
