import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Behaviour, ChatServer, type ChatServerOptions } from "../../test/llm/chat-server.ts";
import type { CompletionRequest } from "./language-model.ts";
import { ModelAccessError } from "./model-access-error.ts";
import { ModelCallError } from "./model-call-error.ts";
import { OpenAICompatibleModel, type OpenAICompatibleSettings } from "./openai-compatible.ts";

const KEY = "sk-very-secret-0123456789";
const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((item) => item.close()));
});

const question: CompletionRequest = {
  messages: [{ role: "user", content: "Is it met?" }],
  maxTokens: 16,
  temperature: 0,
};

async function endpoint(options: ChatServerOptions, settings: Partial<OpenAICompatibleSettings> = {}) {
  const server = await ChatServer.start(options);
  const model = new OpenAICompatibleModel({ baseUrl: server.url, model: "judge", ...settings });
  closing.push(model, server);
  return { server, model };
}

const always = (behaviour: Behaviour): ChatServerOptions => ({ behave: () => behaviour });

async function rejection(behaviour: Behaviour, settings: Partial<OpenAICompatibleSettings> = {}) {
  const { model } = await endpoint(always(behaviour), settings);
  return model.complete(question).then(
    () => new Error("it answered"),
    (error: unknown) => error as Error,
  );
}

async function fault(behaviour: Behaviour, settings: Partial<OpenAICompatibleSettings> = {}) {
  const error = await rejection(behaviour, settings);
  expect(ModelCallError.isInstance(error), String(error)).toBe(true);
  return error as ModelCallError;
}

describe("an OpenAI-compatible endpoint", () => {
  it("is asked with what the request says, and its answer is read", async () => {
    const { server, model } = await endpoint(
      { answer: () => "MET" },
      { apiKey: KEY, responseFormat: "json_schema", body: { top_k: 5, temperature: null } },
    );
    const completion = await model.complete({
      ...question,
      topP: 0.9,
      n: 2,
      stop: ["\n"],
      seed: 7,
      topLogprobs: 3,
      responseSchema: { name: "verdict", schema: { type: "object" } },
    });
    expect(completion).toEqual({
      choices: [
        { text: "MET", finishReason: "stop" },
        { text: "MET", finishReason: "stop" },
      ],
      usage: { calls: 1, promptTokens: 3, cachedPromptTokens: 0, completionTokens: 2, costUsd: null },
    });
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(server.requests[0]?.body).toEqual({
      model: "judge",
      messages: question.messages,
      max_tokens: 16,
      top_p: 0.9,
      n: 2,
      stop: ["\n"],
      seed: 7,
      logprobs: true,
      top_logprobs: 3,
      top_k: 5,
      response_format: {
        type: "json_schema",
        json_schema: { name: "verdict", schema: { type: "object" }, strict: true },
      },
    });
  });

  it("sends the key in the header that the endpoint wants", async () => {
    const { server, model } = await endpoint({}, { apiKey: KEY, apiKeyHeader: "api-key" });
    await model.complete(question);
    expect(server.requests[0]?.headers).toMatchObject({ "api-key": KEY });
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  it("keeps its connections", async () => {
    const { server, model } = await endpoint({});
    for (let i = 0; i < 20; i++) await model.complete(question);
    const ports = new Set(server.requests.map(({ remotePort }) => remotePort));
    // A reply is handed out just before its connection is free again, so two take turns.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it("tells failures apart", async () => {
    const status = (status: number, body?: unknown, headers?: Record<string, string>): Behaviour => ({
      kind: "status",
      status,
      ...(body !== undefined && { body }),
      ...(headers && { headers }),
    });
    const context = {
      error: { message: "This model's maximum context length is 4096 tokens. However, you requested 5000." },
    };
    const rows: [Behaviour, string, boolean, number | undefined][] = [
      [status(429, undefined, { "retry-after": "2" }), "infrastructure", true, 2000],
      [status(429, undefined, { "retry-after-ms": "150" }), "infrastructure", true, 150],
      [status(500), "infrastructure", true, undefined],
      [status(503, "busy", { "retry-after": "1" }), "infrastructure", true, 1000],
      [status(501), "infrastructure", false, undefined],
      [status(504), "infrastructure", true, undefined],
      [status(400, context), "context", false, undefined],
      [
        status(400, { error: { type: "exceed_context_size_error", message: "too long" } }),
        "context",
        false,
        undefined,
      ],
      [status(400, { detail: "no such field" }), "infrastructure", false, undefined],
      [status(400, { error: { code: "content_filter", message: "filtered" } }), "refusal", false, undefined],
      [{ kind: "garbage" }, "infrastructure", true, undefined],
      [{ kind: "cut" }, "infrastructure", true, undefined],
      [{ kind: "drop" }, "infrastructure", true, undefined],
      [{ kind: "answer", reply: { choices: [] } }, "infrastructure", true, undefined],
      [
        { kind: "answer", reply: { error: { code: 429, message: "upstream" } } },
        "infrastructure",
        true,
        undefined,
      ],
    ];
    for (const [behaviour, kind, retryable, retryAfterMs] of rows) {
      const error = await fault(behaviour);
      expect(
        { kind: error.kind, retryable: error.retryable, retryAfterMs: error.retryAfterMs },
        error.message,
      ).toEqual({
        kind,
        retryable,
        retryAfterMs,
      });
      expect(error.message).not.toContain("\n");
    }
  });

  it("calls what no request will get past an access error, not a failure of one call", async () => {
    const rows: [Behaviour, RegExp][] = [
      [{ kind: "status", status: 401 }, /access refused; no key was sent/],
      [{ kind: "status", status: 403 }, /access refused/],
      [
        { kind: "status", status: 404, body: { error: "no such model" } },
        /no such model.*check the base URL and the model's name/,
      ],
      [{ kind: "status", status: 402 }, /quota is used up/],
      [
        {
          kind: "status",
          status: 429,
          body: { error: { code: "insufficient_quota", message: "You exceeded" } },
        },
        /quota is used up/,
      ],
    ];
    for (const [behaviour, message] of rows) {
      const error = await rejection(behaviour);
      expect(ModelAccessError.isInstance(error)).toBe(true);
      expect(error.message).toMatch(message);
    }
  });

  it("knows what a failure cost only where the server cannot have worked on it", async () => {
    expect((await fault({ kind: "status", status: 429 })).usage?.promptTokens).toBe(0);
    for (const kind of ["cut", "drop", "garbage"] as const)
      expect((await fault({ kind })).usage).toBeUndefined();
    expect((await fault({ kind: "status", status: 504 })).usage).toBeUndefined();
    const nobody = new OpenAICompatibleModel({ baseUrl: "http://127.0.0.1:9/v1", model: "judge" });
    closing.push(nobody);
    await expect(nobody.complete(question)).rejects.toMatchObject({
      message: "judge@127.0.0.1:9/v1: nothing listens there; check that the server runs",
      retryable: true,
      usage: { calls: 0 },
    });
  });

  it("says what to mend, and never shows the key", async () => {
    const echo = { error: { message: `Incorrect API key provided: ${KEY}. You can find your key …` } };
    const secret = { apiKey: KEY, apiKeyName: "JUDGE_KEY" };
    const refused = await rejection({ kind: "status", status: 401, body: echo }, secret);
    expect(refused.message).toMatch(/status 401, access refused; check JUDGE_KEY$/);
    const echoed = await fault({ kind: "status", status: 400, body: echo }, secret);
    expect(echoed.message).toContain("Incorrect API key provided: [key].");
    expect((await rejection({ kind: "status", status: 403 })).message).toContain(
      "no key was sent; name its variable",
    );
  });

  it("does not follow a redirect, so the key reaches no other host", async () => {
    const other = await endpoint({});
    const location = `${other.server.url}/chat/completions`;
    const error = await rejection({ kind: "status", status: 307, headers: { location } }, { apiKey: KEY });
    expect(ModelAccessError.isInstance(error)).toBe(true);
    expect(error.message).toContain("is not followed");
    expect(other.server.requests).toEqual([]);
  });

  it("reports refusals, also the filter's", async () => {
    const refusal = {
      choices: [{ message: { content: null, refusal: "I cannot help." }, finish_reason: "stop" }],
    };
    expect(await fault({ kind: "answer", reply: refusal })).toMatchObject({
      kind: "refusal",
      message: expect.stringContaining("(I cannot help.)"),
      usage: { calls: 1, promptTokens: 3 },
    });
    const filtered = { choices: [{ message: { content: "" }, finish_reason: "content_filter" }] };
    expect((await fault({ kind: "answer", reply: filtered })).kind).toBe("refusal");
  });

  it("ends with the caller's reason, at once, and before it was sent", async () => {
    const { server, model } = await endpoint(always({ kind: "hang" }));
    const controller = new AbortController();
    const call = model.complete(question, { signal: controller.signal });
    const reason = new Error("enough");
    const ended = expect(call).rejects.toBe(reason);
    await vi.waitUntil(() => server.requests.length === 1, { timeout: 30_000 });
    controller.abort(reason);
    await ended;
    await expect(model.complete(question, { signal: controller.signal })).rejects.toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  it("refuses addresses that are none, or that hold a password", () => {
    const open = (baseUrl: string) => () => new OpenAICompatibleModel({ baseUrl, model: "m" });
    expect(open("localhost:8000")).toThrow("is no address of an endpoint");
    expect(open("http://me:secret@host/v1")).toThrow("host: the address holds a password");
  });

  it("has an id that changes with what changes answers, and holds no secret", () => {
    const id = (settings: Partial<OpenAICompatibleSettings>) => {
      const model = new OpenAICompatibleModel({
        baseUrl: "http://h:1/v1/",
        model: "m",
        apiKey: KEY,
        ...settings,
      });
      closing.push(model);
      return model.id;
    };
    expect(id({})).toBe("m@h:1/v1");
    expect(id({ baseUrl: "http://h:1/v1/chat/completions?key=x" })).toBe("m@h:1/v1");
    expect(id({ body: { top_k: 1 } })).not.toBe(id({ body: { top_k: 2 } }));
    expect(id({ responseFormat: "json_schema" })).not.toBe(id({}));
  });

  it("gives an answer or a typed failure for whatever a server sends", async () => {
    let sent = "";
    const { model } = await endpoint({ behave: () => ({ kind: "status", status: 200, body: sent }) });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (body) => {
        sent = body;
        const error = await model.complete(question).catch((error: unknown) => error);
        expect(ModelCallError.isInstance(error)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
