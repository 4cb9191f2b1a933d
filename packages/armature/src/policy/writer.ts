import { openModel } from "@armature/engine";
import type { TokenIds } from "@armature/tinker";
import { lastUserTurn, type Prompt } from "../data/prompt.ts";
import type { Speaker } from "../judge/dialect.ts";
import { chatEncoder } from "../judge/engine-chat-encoder.ts";
import { nanoWriter } from "../sandbox/nano-dialect.ts";

/** How a policy reads prompts and writes responses, as tokens. */
export interface Writer {
  readonly speaker: Speaker;
  prompt(prompt: Prompt): TokenIds;
}

/** The sandbox's writer of notes, bounded by the recipe. */
export function sandboxWriter(maxTokens: number): Writer {
  const { speaker, prompt } = nanoWriter;
  return { prompt, speaker: { ...speaker, maxTokens: Math.min(maxTokens, speaker.maxTokens) } };
}

/**
 * The writer of a model file: through its chat template, or where it has none as a continuation of the user's last turn.
 * Throws `ModelFileError` for a file that cannot be read.
 */
export function modelWriter(path: string, maxTokens: number): Writer {
  const description = openModel(path);
  description.weights.close();
  const { tokenizer, chatTemplate } = description;
  if (chatTemplate !== undefined) {
    const encoder = chatEncoder(description);
    const [end] = encoder.eosTokens;
    return {
      prompt: ({ messages }) => encoder.encodeChat(messages, { addGenerationPrompt: true }),
      speaker: {
        decode: encoder.decode,
        encodeCompletion: (text) =>
          Int32Array.from([...encoder.encode(text), ...(end === undefined ? [] : [end])]),
        stop: encoder.eosTokens,
        maxTokens,
      },
    };
  }
  const [end] = tokenizer.eosTokenIds;
  return {
    prompt: (prompt) => tokenizer.encode(lastUserTurn(prompt), { specialTokens: true }),
    speaker: {
      decode: (tokens) => tokenizer.decode(tokens, { skipSpecial: true }),
      encodeCompletion: (text) =>
        Int32Array.from([...tokenizer.encode(text), ...(end === undefined ? [] : [end])]),
      stop: tokenizer.eosTokenIds,
      maxTokens,
    },
  };
}
