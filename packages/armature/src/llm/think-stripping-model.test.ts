import { describe, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model.ts";
import { ThinkStrippingModel } from "./think-stripping-model.ts";

const tokens = (texts: readonly string[]) =>
  texts.map((token, i) => ({ token, logprob: -i, top: [{ token, logprob: -i }] }));

async function stripped(texts: readonly string[]) {
  const reply = { text: texts.join(""), finishReason: "stop" as const, logprobs: tokens(texts) };
  const model = new ThinkStrippingModel(new ScriptedModel([reply]));
  const { choices } = await model.complete({ messages: [], maxTokens: 9, temperature: 0 });
  return { text: choices[0]?.text, tokens: choices[0]?.logprobs?.map(({ token }) => token) };
}

describe("ThinkStrippingModel", () => {
  it("takes thoughts off, and their tokens with them", async () => {
    expect(await stripped(["<think>", " hm", "</think>", "\n\n", "Yes", "."])).toEqual({
      text: "Yes.",
      tokens: ["Yes", "."],
    });
    expect(await stripped(["so", "</think>", "No"])).toEqual({ text: "No", tokens: ["No"] });
    expect(await stripped(["<think>", "never ends"])).toEqual({ text: "", tokens: [] });
    expect(await stripped(["Yes", "."])).toEqual({ text: "Yes.", tokens: ["Yes", "."] });
  });
});
