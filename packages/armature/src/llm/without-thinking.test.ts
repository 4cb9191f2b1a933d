import { expect, test } from "vitest";
import { withoutThinking } from "./without-thinking.ts";

test.each([
  ["answer", "answer"],
  ["<think>a\nb</think>\n\nanswer ", "answer"],
  ["a thought</think>answer", "answer"],
  ["<think>x</think> y </think> z", "z"],
  [" <think>never ends", ""],
  ["the tag <think> is named", "the tag <think> is named"],
])("%j", (reply, text) => {
  expect(withoutThinking(reply)).toBe(text);
});
