import type { ChatEncoder } from "../src/judge/paper-dialect.ts";

export const END = 0x110000;
export const TURN = 0x110001;

/** Code points as tokens; a turn is TURN, the role, a line feed, the content, END. */
export const characterEncoder: ChatEncoder = {
  encodeChat: (messages, { addGenerationPrompt }) =>
    Int32Array.from([
      ...messages.flatMap(({ role, content }) => [
        TURN,
        ...characterEncoder.encode(`${role}\n${content}`),
        END,
      ]),
      ...(addGenerationPrompt ? [TURN, ...characterEncoder.encode("assistant\n")] : []),
    ]),
  encode: (text) => Int32Array.from(text, (character) => character.codePointAt(0)!),
  decode: (tokens) =>
    Array.from(tokens, (token) => (token < END ? String.fromCodePoint(token) : "<|mark|>")).join(""),
  eosTokens: [END, TURN],
};
