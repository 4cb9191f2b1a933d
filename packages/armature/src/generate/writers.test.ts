import { describe, expect, test } from "vitest";
import type { Prompt } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { Choice, CompletionRequest } from "../llm/language-model.ts";
import { ModelCallError } from "../llm/model-call-error.ts";
import { type Script, ScriptedModel } from "../llm/scripted-model.ts";
import { contrastiveWriter } from "./contrastive-writer.ts";
import { promptOnlyWriter } from "./generator-writer.ts";
import { improvingWriter } from "./improving-writer.ts";
import { initialWriter } from "./initial-writer.ts";
import { rarWriter } from "./rar-writer.ts";
import type { RubricTask, RubricWriter } from "./rubric-writer.ts";

const prompt: Prompt = { id: "p", messages: [{ role: "user", content: "Why is {sky} blue? ```" }] };
const weighted = '{"criteria": [{"criterion": "Names scattering.", "weight": 3}]}';
const tagged = "1. The response is clear. [Principle]";

const asked = (request: CompletionRequest): string => request.messages.at(-1)!.content;

async function write(
  make: (model: ScriptedModel) => RubricWriter,
  script: Script,
  task: Partial<RubricTask> = {},
) {
  const model = new ScriptedModel(script);
  const writing = await make(model).write({ prompt, ...task });
  return { writing, requests: model.calls.map(({ request }) => request) };
}

describe("asking for a rubric", () => {
  const initial = (model: ScriptedModel) => initialWriter({ model });

  test("stops at the first reply that can be read", async () => {
    const { writing, requests } = await write(initial, [weighted, "unused"]);
    expect(writing).toMatchObject({ status: "written", replies: [weighted], faults: [], repairs: [] });
    expect(writing.usage.calls).toBe(1);
    expect(requests[0]).toMatchObject({
      temperature: 0,
      maxTokens: 4096,
      responseSchema: { name: "rubric" },
    });
  });

  test("shows the model its reply and the fault before it asks again", async () => {
    const { writing, requests } = await write(initial, ["<think>x</think>Nothing.", "", weighted]);
    expect(writing).toMatchObject({
      status: "written",
      faults: [
        "no-list: neither a JSON list of criteria nor a numbered list",
        "empty-reply: nothing was written",
      ],
    });
    expect(requests[1]!.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(requests[1]!.messages[1]!.content).toBe("Nothing.");
    expect(asked(requests[1]!)).toContain("no-list");
    // An empty turn of the assistant is never sent.
    expect(requests[2]!.messages).toHaveLength(1);
    expect(asked(requests[2]!)).toContain("empty-reply");
    expect(new Set(requests.map((request) => JSON.stringify(request))).size).toBe(3);
  });

  test("gives up after the stated number of tries", async () => {
    const once = await write((model) => initialWriter({ model, furtherTries: 0 }), ["No."]);
    expect(once.writing).toMatchObject({ status: "failed", kind: "parse", replies: ["No."] });
    const { writing, requests } = await write(initial, ["a", "b", "c"]);
    expect(writing).toMatchObject({ status: "failed", kind: "parse", replies: ["a", "b", "c"] });
    expect(writing.faults).toHaveLength(3);
    expect(requests).toHaveLength(3);
  });

  const cutOff: Choice = { text: '{"criteria": [{"crit', finishReason: "length" };
  const filtered: Choice = { text: "", finishReason: "filter" };
  test.each<[what: string, reply: string | Choice | Error, result: object]>([
    ["a text that is cut off", cutOff, { kind: "parse", detail: expect.stringMatching(/^cut-off: /) }],
    ["a filtered reply", filtered, { kind: "refusal" }],
    ["a refusal", "I'm sorry, but I can't help with that.", { kind: "refusal" }],
    [
      "a failed call",
      new ModelCallError("m: no money left", { kind: "budget", retryable: false }),
      { kind: "budget", detail: "m: no money left" },
    ],
  ])("%s is data", async (_, reply, result) => {
    const { writing } = await write((model) => initialWriter({ model, furtherTries: 0 }), [reply]);
    expect(writing).toMatchObject({ status: "failed", ...result });
  });

  test("a further try that does not fit any more leaves the fault of the reply as the reason", async () => {
    const full = new ModelCallError("m: too long", { kind: "context", retryable: false });
    const first = await write(initial, [full]);
    expect(first.writing).toMatchObject({ kind: "context", detail: "m: too long" });
    const later = await write(initial, ["No.", full]);
    expect(later.writing).toMatchObject({ kind: "parse", detail: expect.stringMatching(/^no-list/) });
  });

  test("rejects where it is aborted, and for settings that make no sense", async () => {
    const aborted = initialWriter({ model: new ScriptedModel([weighted]) });
    await expect(aborted.write({ prompt }, { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow(
      "stop",
    );
    await expect(write((model) => initialWriter({ model, furtherTries: -1 }), [weighted])).rejects.toThrow(
      "furtherTries is -1",
    );
  });
});

describe("what the writers show", () => {
  test("RaR: the preset's field, and the reference only where there is one", async () => {
    const medicine = (model: ScriptedModel) => rarWriter({ model, furtherTries: 0 }, "medicine");
    const bare = asked((await write(medicine, ["x"])).requests[0]!);
    expect(bare).toContain("medicine and patient care");
    expect(bare).toContain("````\nWhy is {sky} blue? ```\n````");
    expect(bare).not.toMatch(/reference/i);
    const grounded = asked((await write(medicine, ["x"], { reference: "Rayleigh." })).requests[0]!);
    expect(grounded).toContain("```\nRayleigh.\n```");
    expect(rarWriter({ model: new ScriptedModel([]) }).id).toBe("rar/general/scripted");
  });

  test("contrastive: two responses as a pair, more as a list, best first", async () => {
    const make = (model: ScriptedModel) => contrastiveWriter({ model });
    const pair = await write(make, [tagged], { ranked: ["good one", "bad one"] });
    expect(pair.writing).toMatchObject({ status: "written", rubric: { criteria: [{ kind: "principle" }] } });
    const text = asked(pair.requests[0]!);
    expect(text).toMatch(/The preferred answer:\n```\ngood one\n```\n\nThe other answer:\n```\nbad one\n```/);
    expect(pair.requests[0]).toMatchObject({ temperature: 0, maxTokens: 768 });
    const list = await write(make, [tagged], { ranked: ["one", "two", "three"] });
    expect(asked(list.requests[0]!)).toMatch(/```\none\n```\n\n```\ntwo\n```\n\n```\nthree\n```/);
    await expect(write(make, [tagged], { ranked: ["one"] })).rejects.toThrow(ConfigError);
  });

  test("improving: the rubric in the form that is asked for, and both responses", async () => {
    const make = (model: ScriptedModel) => improvingWriter({ model });
    const rubric = { criteria: [{ id: "c1", text: 'Says "why".', weight: 2, polarity: "good" as const }] };
    const { requests } = await write(make, [weighted], { rubric, ranked: ["first", "second"] });
    expect(asked(requests[0]!)).toContain('{"criterion":"Says \\"why\\".","weight":2}');
    expect(asked(requests[0]!)).toMatch(/Response 1:\n```\nfirst\n```\n\nResponse 2:\n```\nsecond\n```/);
    await expect(write(make, [weighted], { ranked: ["first", "second"] })).rejects.toThrow(ConfigError);
    await expect(write(make, [weighted], { rubric, ranked: ["a", "b", "c"] })).rejects.toThrow(ConfigError);
  });

  test("initial and prompt-only: nothing but the prompt", async () => {
    const more = { reference: "REFERENCE", ranked: ["RESPONSE", "OTHER"] };
    const initial = await write((model) => initialWriter({ model }), [weighted], more);
    const promptOnly = await write((model) => promptOnlyWriter({ model }), [tagged], more);
    for (const { writing, requests } of [initial, promptOnly]) {
      expect(writing.status).toBe("written");
      expect(asked(requests[0]!)).toContain("Why is {sky} blue?");
      expect(asked(requests[0]!)).not.toMatch(/REFERENCE|RESPONSE/);
    }
  });

  test("a conversation is shown with its speakers", async () => {
    const messages = [
      { role: "user" as const, content: "Hi" },
      { role: "assistant" as const, content: "Hello" },
      { role: "user" as const, content: "Why?" },
    ];
    const { requests } = await write((model) => initialWriter({ model }), [weighted], {
      prompt: { id: "c", messages },
    });
    expect(asked(requests[0]!)).toContain("[user]\nHi\n\n[assistant]\nHello\n\n[user]\nWhy?");
  });
});
