import { describe, expect, it } from "vitest";
import { AnswerFillingModel } from "./answer-filling-model.ts";
import type { Completion, CompletionRequest, LanguageModel } from "./language-model.ts";

/** Answers at most `most` choices a request, each naming the seed and place that it came from. */
class ShortModel implements LanguageModel {
  readonly id = "short";
  readonly asked: { readonly n: number; readonly seed: number | undefined }[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  async complete({ n = 1, seed }: CompletionRequest): Promise<Completion> {
    this.asked.push({ n, seed });
    const choices = Array.from({ length: Math.min(n, this.#most) }, (_, i) => ({
      text: `${seed}:${i}`,
      finishReason: "stop" as const,
    }));
    const usage = {
      calls: 1,
      promptTokens: 10,
      cachedPromptTokens: 0,
      completionTokens: choices.length,
      costUsd: 0.5,
    };
    return { choices, usage };
  }
}

const ask = (n: number): CompletionRequest => ({
  messages: [{ role: "user", content: "q" }],
  maxTokens: 1,
  temperature: 1,
  n,
  seed: 100,
});

describe("AnswerFillingModel", () => {
  it("asks a server that gives one answer for each of the rest, with seeds of their own", async () => {
    const short = new ShortModel(1);
    const model = new AnswerFillingModel(short);
    const { choices, usage } = await model.complete(ask(4));
    expect(choices.map(({ text }) => text)).toEqual(["100:0", "101:0", "102:0", "103:0"]);
    expect(usage).toEqual({
      calls: 4,
      promptTokens: 40,
      cachedPromptTokens: 0,
      completionTokens: 4,
      costUsd: 2,
    });
    await model.complete(ask(2));
    expect(short.asked.map(({ n }) => n)).toEqual([4, 1, 1, 1, 1, 1]);
  });

  it("cancels the others where one of the rest fails, and does not ask for ever", async () => {
    let cancelled = 0;
    const failing: LanguageModel = {
      id: "failing",
      async complete({ seed }, { signal } = {}) {
        if (seed === 100) return new ShortModel(1).complete(ask(1));
        if (seed === 102) throw new Error("one failed");
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        cancelled++;
        throw signal!.reason;
      },
    };
    await expect(new AnswerFillingModel(failing).complete(ask(4))).rejects.toThrow("one failed");
    expect(cancelled).toBe(2);
    await expect(new AnswerFillingModel(new ShortModel(0)).complete(ask(2))).rejects.toThrow(
      "short: gave no answer to a request for 2; check the model",
    );
  });

  it("asks for what is missing where there is a bound, and once where there is none", async () => {
    const short = new ShortModel(3);
    expect((await new AnswerFillingModel(short).complete(ask(8))).choices.map(({ text }) => text)).toEqual([
      ...["100:0", "100:1", "100:2"],
      ...["103:0", "103:1", "103:2"],
      ...["106:0", "106:1"],
    ]);
    expect(short.asked.map(({ n }) => n)).toEqual([8, 5, 2]);
    const able = new ShortModel(100);
    expect((await new AnswerFillingModel(able).complete(ask(8))).choices).toHaveLength(8);
    expect(able.asked).toHaveLength(1);
  });
});
