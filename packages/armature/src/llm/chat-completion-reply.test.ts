import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readChatCompletion } from "./chat-completion-reply.ts";

const reply = (choice: object, more: object = {}) => ({ choices: [choice], ...more });
const read = (body: unknown) => {
  const reading = readChatCompletion(body);
  if (!reading.ok) throw new Error(reading.fault);
  return reading;
};

describe("readChatCompletion", () => {
  it("reads what vLLM sends: nulls, unknown fields, reasoning apart from the answer", () => {
    const body = {
      id: "chatcmpl-1",
      object: "chat.completion",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "MET",
            reasoning_content: "hm",
            tool_calls: [],
            refusal: null,
          },
          logprobs: null,
          finish_reason: "stop",
          stop_reason: null,
        },
      ],
      usage: { prompt_tokens: 9, total_tokens: 11, completion_tokens: 2, prompt_tokens_details: null },
      prompt_logprobs: null,
    };
    expect(read(body)).toEqual({
      ok: true,
      choices: [{ text: "MET", finishReason: "stop" }],
      usage: { calls: 1, promptTokens: 9, cachedPromptTokens: 0, completionTokens: 2, costUsd: null },
      refusal: null,
    });
  });

  it("joins the parts of a text, and puts choices in their order", () => {
    const parts = [{ type: "reasoning", text: "hm" }, { type: "text", text: "ME" }, "T", { type: "image" }];
    const choices = [
      { index: 1, message: { content: "second" }, finish_reason: "length" },
      { index: 0, message: { content: parts }, finish_reason: "eos" },
    ];
    expect(read({ choices }).choices).toEqual([
      { text: "MET", finishReason: "stop" },
      { text: "second", finishReason: "length" },
    ]);
    expect(read(reply({ message: { content: null }, finish_reason: "tool_calls" })).choices).toEqual([
      { text: "", finishReason: "other" },
    ]);
  });

  it("reads logprobs of both kinds, alternatives best first", () => {
    const token = (token: string, logprob: number) => ({ token, logprob, bytes: null });
    const content = [{ ...token("Yes", -0.5), top_logprobs: [token("No", -2), token("Yes", -0.5)] }];
    const wanted = [
      {
        token: "Yes",
        logprob: -0.5,
        top: [
          { token: "Yes", logprob: -0.5 },
          { token: "No", logprob: -2 },
        ],
      },
    ];
    expect(read(reply({ message: { content: "Yes" }, logprobs: { content } })).choices[0]?.logprobs).toEqual(
      wanted,
    );
    const older = { tokens: ["Yes"], token_logprobs: [-0.5], top_logprobs: [{ No: -2, Yes: -0.5 }] };
    expect(read(reply({ message: { content: "Yes" }, logprobs: older })).choices[0]?.logprobs).toEqual(
      wanted,
    );
    const bare = { content: [token("Yes", -0.5)] };
    expect(read(reply({ message: { content: "Yes" }, logprobs: bare })).choices[0]?.logprobs).toEqual([
      { token: "Yes", logprob: -0.5, top: [] },
    ]);
  });

  it("reads what was cached and what it cost, where the provider tells", () => {
    const message = { message: { content: "a" } };
    const counts = { prompt_tokens: 100, completion_tokens: 5 };
    const usage = (more: object) => read(reply(message, { usage: { ...counts, ...more } })).usage;
    expect(usage({ prompt_tokens_details: { cached_tokens: 64 } })?.cachedPromptTokens).toBe(64);
    expect(usage({ prompt_cache_hit_tokens: 32 })?.cachedPromptTokens).toBe(32);
    expect(usage({ prompt_tokens_details: { cached_tokens: 640 } })?.cachedPromptTokens).toBe(100);
    expect(usage({ cost: 0.25 })?.costUsd).toBe(0.25);
    expect(read(reply(message)).usage).toBeNull();
    expect(read(reply(message, { usage: { prompt_tokens: "many" } })).usage).toBeNull();
  });

  it("says what is wrong with a body that is no completion", () => {
    const rows: [unknown, string][] = [
      [null, "the reply is no JSON object"],
      [[], "the reply is no JSON object"],
      [{}, "the reply has no choices"],
      [{ choices: [] }, "the reply has no choices"],
      [{ choices: [null] }, "a choice of the reply has no message"],
      [{ choices: [{ text: "of the older API" }] }, "a choice of the reply has no message"],
    ];
    for (const [body, fault] of rows) expect(readChatCompletion(body)).toEqual({ ok: false, fault });
  });

  it("never throws", () => {
    const value = fc.jsonValue();
    const near = fc.record(
      {
        choices: fc.array(
          fc.record(
            {
              index: value,
              message: fc.record({ content: value, refusal: value }, { requiredKeys: [] }),
              finish_reason: value,
              logprobs: fc.record(
                { content: value, tokens: value, token_logprobs: value, top_logprobs: value },
                { requiredKeys: [] },
              ),
            },
            { requiredKeys: [] },
          ),
        ),
        usage: fc.record({
          prompt_tokens: value,
          completion_tokens: value,
          prompt_tokens_details: value,
          cost: value,
        }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(value, near), (body) => {
        const reading = readChatCompletion(body);
        if (reading.ok) for (const { text } of reading.choices) expect(typeof text).toBe("string");
      }),
    );
  });
});
