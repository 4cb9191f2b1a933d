import { describe, expect, it } from "vitest";
import { type AiSdkLanguageModel, AiSdkModel } from "./ai-sdk-model.ts";
import type { CompletionRequest } from "./language-model.ts";

const question: CompletionRequest = {
  messages: [
    { role: "system", content: "Judge." },
    { role: "user", content: "Is it met?" },
  ],
  maxTokens: 16,
  temperature: 0,
  stop: ["\n"],
  seed: 3,
  responseSchema: { name: "verdict", schema: { type: "object" } },
};

/** A provider by the SDK's published shape: what it is asked, and a result or an error of its own. */
function provider(version: string, result: () => unknown) {
  const asked: object[] = [];
  const model: AiSdkLanguageModel = {
    specificationVersion: version,
    provider: "host.chat",
    modelId: "judge",
    doGenerate: async (options) => {
      asked.push(options);
      return result();
    },
  };
  return { asked, model: new AiSdkModel(model) };
}

describe("AiSdkModel", () => {
  it("asks a provider of version 2", async () => {
    const { asked, model } = provider("v2", () => ({
      content: [
        { type: "reasoning", text: "hm" },
        { type: "text", text: "ME" },
        { type: "text", text: "T" },
      ],
      finishReason: "stop",
      usage: { inputTokens: 7, outputTokens: 2, totalTokens: 9, cachedInputTokens: 4 },
    }));
    expect(model.id).toBe("judge@host.chat");
    expect(await model.complete(question)).toEqual({
      choices: [{ text: "MET", finishReason: "stop" }],
      usage: { calls: 1, promptTokens: 7, cachedPromptTokens: 4, completionTokens: 2, costUsd: null },
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toEqual({
      prompt: [
        { role: "system", content: "Judge." },
        { role: "user", content: [{ type: "text", text: "Is it met?" }] },
      ],
      maxOutputTokens: 16,
      temperature: 0,
      stopSequences: ["\n"],
      seed: 3,
      responseFormat: { type: "json", name: "verdict", schema: { type: "object" } },
    });
  });

  it("reads a result of version 3", async () => {
    const { model } = provider("v3", () => ({
      content: [{ type: "text", text: "MET" }],
      finishReason: { unified: "length", raw: "max_tokens" },
      usage: { inputTokens: { total: 7, cacheRead: 4 }, outputTokens: { total: 2 } },
    }));
    expect(await model.complete(question)).toEqual({
      choices: [{ text: "MET", finishReason: "length" }],
      usage: { calls: 1, promptTokens: 7, cachedPromptTokens: 4, completionTokens: 2, costUsd: null },
    });
  });

  it("types the provider's errors by status", async () => {
    const call = (fields: object) =>
      provider("v2", () => {
        throw Object.assign(new Error("no"), fields);
      }).model.complete(question);
    await expect(
      call({ statusCode: 429, isRetryable: true, responseHeaders: { "retry-after": "3" } }),
    ).rejects.toMatchObject({ kind: "infrastructure", retryable: true, status: 429, retryAfterMs: 3000 });
    await expect(call({ statusCode: 401, isRetryable: false })).rejects.toMatchObject({ retryable: false });
    await expect(
      call({ statusCode: 400, isRetryable: false, message: "maximum context length is 10" }),
    ).rejects.toMatchObject({ kind: "context" });
    const filtered = provider("v3", () => ({ content: [], finishReason: { unified: "content-filter" } }));
    await expect(filtered.model.complete(question)).rejects.toMatchObject({ kind: "refusal" });
  });

  it("ends with the caller's reason", async () => {
    const controller = new AbortController();
    const { model } = provider("v2", () => {
      controller.abort(new Error("enough"));
      throw new Error("aborted by the SDK");
    });
    await expect(model.complete(question, { signal: controller.signal })).rejects.toThrow("enough");
  });
});
