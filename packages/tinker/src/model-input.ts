/** Token ids of one sequence, in order. Ids are non-negative integers below the model's vocabulary size. */
export type TokenIds = readonly number[] | Int32Array;

/** One piece of a model input. Text is the only kind that the in-process engine accepts. */
export type ModelInputChunk = { readonly type: "encoded_text"; readonly tokens: TokenIds };

/** What a model reads: chunks whose tokens are concatenated. */
export interface ModelInput {
  readonly chunks: readonly ModelInputChunk[];
}

/** A model input of a single text chunk. */
export function textInput(tokens: TokenIds): ModelInput {
  return { chunks: [{ type: "encoded_text", tokens }] };
}

/** All token ids of an input, chunk after chunk. */
export function inputTokens(input: ModelInput): Int32Array {
  const length = input.chunks.reduce((sum, chunk) => sum + chunk.tokens.length, 0);
  const tokens = new Int32Array(length);
  let at = 0;
  for (const chunk of input.chunks) {
    tokens.set(chunk.tokens, at);
    at += chunk.tokens.length;
  }
  return tokens;
}
