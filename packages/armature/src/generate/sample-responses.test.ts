import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Prompt } from "../data/prompt.ts";
import { ModelCallError } from "../llm/model-call-error.ts";
import { ScriptedModel } from "../llm/scripted-model.ts";
import { type ResponseSource, sampleResponses } from "./sample-responses.ts";
import { readSamplingRecipe } from "./sampling-recipe.ts";

const prompt: Prompt = {
  id: "p",
  messages: [
    { role: "system", content: "Be kind." },
    { role: "user", content: "Hi" },
  ],
};

const source = (model: ScriptedModel, more: Partial<ResponseSource> = {}): ResponseSource => ({
  ...{ model, count: 1, temperature: 1, maxTokens: 50 },
  ...more,
});

describe("sampling responses", () => {
  test("keeps what came, where from, and why the rest is missing", async () => {
    const one = new ScriptedModel(
      [
        "Hello",
        { text: "Hello there, my", finishReason: "length" },
        " ",
        { text: "x", finishReason: "filter" },
        "<think>hm</think>hello ",
      ],
      "one",
    );
    const two = new ScriptedModel(
      [new ModelCallError("two: gone", { kind: "timeout", retryable: true })],
      "two",
    );
    const result = await sampleResponses(prompt, {
      sources: [source(one, { count: 5, temperature: 0.7 }), source(two, { count: 3, name: "second" })],
      seed: 1,
    });
    const place = { model: "one", temperature: 0.7, seed: one.calls[0]!.request.seed };
    expect(result.responses).toEqual([
      { text: "Hello", ...place, sample: 0, finishReason: "stop" },
      { text: "Hello there, my", ...place, sample: 1, finishReason: "length" },
    ]);
    expect(result).toMatchObject({ exact: 1, near: 0 });
    expect(result.failures).toEqual([
      { model: "one", kind: "parse", detail: "the response is empty", count: 1 },
      { model: "one", kind: "refusal", detail: "the provider filtered the response", count: 1 },
      { model: "second", kind: "timeout", detail: "two: gone", count: 3 },
    ]);
    expect(result.usage.calls).toBe(1);
  });

  test("asks each model as its source says", async () => {
    const model = new ScriptedModel(() => "Hello");
    await sampleResponses(prompt, {
      sources: [source(model), source(model, { count: 2, topP: 0.9, system: "Be brief.", name: "brief" })],
      seed: 1,
    });
    const [plain, brief] = model.calls.map(({ request }) => request);
    expect(plain).toMatchObject({ messages: prompt.messages, maxTokens: 50, temperature: 1 });
    expect(plain).not.toHaveProperty("n");
    expect(brief).toMatchObject({ n: 2, topP: 0.9 });
    expect(brief!.messages).toEqual([{ role: "system", content: "Be brief." }, prompt.messages[1]]);
    expect(brief!.seed).not.toBe(plain!.seed);
  });

  test("a request's seed depends on the seed, the prompt and the model only", async () => {
    const seedOf = async (seed: number, id: string, name: string, others: number) => {
      const model = new ScriptedModel(() => "Hello");
      const last = source(model, { name });
      const sources = [...Array.from({ length: others }, (_, i) => source(model, { name: `${i}` })), last];
      await sampleResponses({ ...prompt, id }, { sources, seed });
      return model.calls.at(-1)!.request.seed;
    };
    const first = await seedOf(1, "p", "m", 0);
    expect(await seedOf(1, "p", "m", 2)).toBe(first);
    for (const [seed, id, name] of [
      [2, "p", "m"],
      [1, "q", "m"],
      [1, "p", "n"],
    ] as const)
      expect(await seedOf(seed, id, name, 0)).not.toBe(first);
  });

  test("rejects where it was aborted", async () => {
    const sources = [source(new ScriptedModel(["Hello"]))];
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(sampleResponses(prompt, { sources, seed: 0 }, { signal })).rejects.toThrow("stop");
  });
});

describe("a sampling recipe", () => {
  const read = (text: string) => {
    const file = join(mkdtempSync(join(tmpdir(), "armature-recipe-")), "models.yaml");
    writeFileSync(file, text);
    return readSamplingRecipe(file, "models.yaml");
  };

  test("fills in what is not said", () => {
    expect(
      read("models:\n  - model: http://127.0.0.1:1/v1#a\n  - {model: m.gguf, count: 4, temperature: 0.7}"),
    ).toEqual({
      seed: 0,
      nearness: 1,
      models: [
        { model: "http://127.0.0.1:1/v1#a", count: 1, temperature: 1, maxTokens: 1024 },
        { model: "m.gguf", count: 4, temperature: 0.7, maxTokens: 1024 },
      ],
    });
  });

  test.each([
    ["seed: 1", "models.yaml: models is missing; add it to the recipe"],
    ["seed: 1\nmodels: []", "models.yaml:2: models is []; it must not be empty"],
    ["models: [{model: a, count: 0}]", "models.yaml:1: models.0.count is 0; it must be at least 1"],
    ["models: [{model: a, cuont: 2}]", "models.yaml:1: unknown key models.0.cuont; did you mean count?"],
    ["- a", 'models.yaml: holds no recipe; begin with a line "models:"'],
  ])("%j is refused", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
