import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChatServer, type ChatServerOptions, faultMix } from "../../test/llm/chat-server.ts";
import { readAnswerLog } from "./answer-log.ts";
import type { CompletionRequest, LanguageModel } from "./language-model.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { ModelCallError } from "./model-call-error.ts";
import { type LanguageModelSettings, openLanguageModels } from "./open-language-model.ts";
import { ScriptedModel } from "./scripted-model.ts";
import { usageLine } from "./usage-report.ts";

const KEY = "sk-very-secret-0123456789";
let folder: string;
const closing: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-models-"));
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((item) => item.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function served(options: ChatServerOptions, settings: LanguageModelSettings = {}) {
  const server = await ChatServer.start(options);
  closing.push(server);
  const open = async (more: LanguageModelSettings = {}) => {
    const opened = await openLanguageModels([server.url], {
      modelName: "judge",
      cwd: folder,
      ...settings,
      ...more,
    });
    closing.push(opened);
    return { ...opened, model: opened.models[0]! };
  };
  return { server, open };
}

const ask = (content: string): CompletionRequest => ({
  messages: [{ role: "user", content }],
  maxTokens: 10,
  temperature: 0,
});

/** Texts or kinds of failure, in order. */
const askAll = (model: LanguageModel, questions: readonly string[]) =>
  mapConcurrently(
    questions,
    async (question, _, signal) => {
      try {
        return (await model.complete(ask(question), { signal, purpose: "judge" })).choices[0]!.text;
      } catch (error) {
        if (!ModelCallError.isInstance(error)) throw error;
        return error.kind;
      }
    },
    { concurrency: 64 },
  );
const questions = (count: number) => Array.from({ length: count }, (_, i) => `question ${i}`);

describe("openLanguageModels", () => {
  it("answers everything through faults, once each, and goes on from its log", async () => {
    const shares = { rateLimited: 0.05, failed: 0.02, hang: 0.005, garbage: 0.01, cut: 0.005 };
    const { server, open } = await served(
      { behave: faultMix(3, shares), answer: ({ messages }) => `re ${messages[0]!.content}` },
      { cache: "answers.jsonl", timeoutSeconds: 2, retries: 8 },
    );
    const first = await open();
    const texts = await askAll(first.model, questions(300));
    expect(texts).toEqual(questions(300).map((question) => `re ${question}`));
    expect(server.stats.answered).toBeGreaterThanOrEqual(300);
    expect(first.usage().byPurpose["judge"]).toMatchObject({ answered: 300, fromCache: 0, failed: {} });
    await first.close();
    const second = await open();
    expect(await askAll(second.model, questions(320))).toHaveLength(320);
    expect(second.usage().total.fromCache).toBe(300);
    await second.close();
    const logged: string[] = [];
    for await (const { request } of readAnswerLog(join(folder, "answers.jsonl")))
      logged.push(request.messages[0]!.content);
    expect(logged.toSorted()).toEqual(questions(320).toSorted());
  });

  it("never spends more than its budget, through faults, at once and in later runs", async () => {
    const shares = { rateLimited: 0.1, failed: 0.05, hang: 0.01, cut: 0.05 };
    const price = { priceIn: 10, priceOut: 100 };
    const { server, open } = await served(
      { behave: faultMix(4, shares, 2), answer: () => "two words" },
      { cache: "answers.jsonl", timeoutSeconds: 1, retries: 4, ...price },
    );
    const spent = () => (server.stats.promptTokens * 10 + server.stats.completionTokens * 100) / 1e6;
    // An answer costs (2 · 10 + 2 · 100) / 10^6 = 0.00022 dollars, and can cost at most about 0.002.
    for (const budgetUsd of [0.01, 0.02]) {
      const run = await open({ budgetUsd });
      const outcomes = await askAll(run.model, questions(400));
      expect(outcomes.filter((text) => text === "budget").length).toBeGreaterThan(0);
      expect(spent()).toBeLessThanOrEqual(budgetUsd);
      expect(run.usage().total.failed.budget).toBeGreaterThan(0);
      await run.close();
    }
    expect(server.stats.answered).toBeGreaterThan(0);
    const before = server.stats.received;
    const exhausted = await open({ budgetUsd: 0.02 });
    await expect(exhausted.model.complete({ ...ask("one more"), maxTokens: 1000 })).rejects.toMatchObject({
      kind: "budget",
    });
    expect(server.stats.received).toBe(before);
  });

  it("keeps the key out of ids, logs, errors and reports", async () => {
    const { server, open } = await served(
      {
        behave: ({ index }) =>
          index === 0 ? { kind: "answer" } : { kind: "status", status: 400, body: `bad ${KEY}` },
      },
      { apiKeyEnv: "JUDGE_KEY", environment: { JUDGE_KEY: KEY }, cache: "answers.jsonl" },
    );
    const { model, usage } = await open();
    await model.complete(ask("a"));
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    const error = await model.complete(ask("b")).catch((error: unknown) => error);
    const shown = [
      model.id,
      String(error),
      JSON.stringify(error),
      JSON.stringify(usage()),
      readFileSync(join(folder, "answers.jsonl"), "utf8"),
    ];
    expect(shown.join("\n")).not.toContain(KEY);
    expect(shown[1]).toContain("[key]");
  });

  it("shares one limiter among the models of an endpoint", async () => {
    const { server } = await served({ latencyMs: 5 });
    const opened = await openLanguageModels([`${server.url}#a`, `${server.url}#b`], { concurrency: 3 });
    closing.push(opened);
    await Promise.all(opened.models.map((model) => askAll(model, questions(20))));
    expect(server.stats.peak).toBe(3);
    expect(new Set(server.requests.map(({ body }) => body.model))).toEqual(new Set(["a", "b"]));
  });

  it("reads a model file, and names the line of what is wrong with one", async () => {
    const { server } = await served({ answer: () => "<think>hm</think>MET" });
    const write = (name: string, lines: readonly string[]) =>
      writeFileSync(join(folder, name), lines.join("\n"));
    const endpoint = [`baseUrl: ${server.url}`, "model: qwen", "id: my-judge"];
    write("judge.yaml", [
      ...endpoint,
      "stripThink: true",
      "price: { input: 1, output: 2 }",
      "body: { top_k: 1 }",
    ]);
    const opened = await openLanguageModels(["judge.yaml", "judge.yaml"], { cwd: folder, budgetUsd: 1 });
    closing.push(opened);
    expect(opened.models[0]).toBe(opened.models[1]);
    expect(opened.models[0]!.id).toBe("my-judge");
    const { choices, usage } = await opened.models[0]!.complete(ask("a b"));
    expect(choices[0]?.text).toBe("MET");
    expect(usage.costUsd).toBeCloseTo(4e-6, 12);
    expect(server.requests[0]?.body["top_k"]).toBe(1);
    expect(usageLine(opened.usage())).toBe("1 answers; 2 + 1 tokens, $0.000004");

    write("bad.yaml", [...endpoint, "concurency: 3"]);
    const open = (spec: string, settings: LanguageModelSettings = {}) =>
      openLanguageModels([spec], { cwd: folder, ...settings });
    await expect(open("bad.yaml")).rejects.toThrow(
      "bad.yaml:4: unknown key concurency; did you mean concurrency?",
    );
    write("bad.yaml", ["baseUrl: http://h/v1"]);
    await expect(open("bad.yaml")).rejects.toThrow("model is missing; add it to the file");
    write("empty.yaml", []);
    await expect(open("empty.yaml")).rejects.toThrow(
      'empty.yaml: holds no model file; begin with a line "baseUrl:',
    );
  });

  it("takes the model file that the documentation shows", async () => {
    const page = readFileSync(new URL("../../../../docs/language-models.md", import.meta.url), "utf8");
    writeFileSync(join(folder, "shown.yaml"), /```yaml\n([\s\S]*?)```/.exec(page)![1]!);
    const environment = { JUDGE_KEY: KEY };
    const opened = await openLanguageModels(["shown.yaml"], { cwd: folder, budgetUsd: 1, environment });
    closing.push(opened);
    expect(opened.models[0]!.id).toBe("judge-v2");
  });

  it("opens a scripted model, and replays a log without asking anyone", async () => {
    writeFileSync(
      join(folder, "script.yaml"),
      "kind: scripted\nreplies:\n  - { contains: lamp, reply: MET }\n  - { reply: UNMET }\n",
    );
    const scripted = await openLanguageModels(["script.yaml"], { cwd: folder, cache: "log.jsonl" });
    expect(await askAll(scripted.models[0]!, ["the lamp", "the key"])).toEqual(["MET", "UNMET"]);
    await scripted.close();
    const replay = await openLanguageModels(["log.jsonl"], { cwd: folder });
    closing.push(replay);
    expect(await askAll(replay.models[0]!, ["the key", "the lamp", "the cat"])).toEqual([
      "UNMET",
      "MET",
      "infrastructure",
    ]);
  });

  it("takes a model of the caller's behind the same wrappers", async () => {
    const down = new ModelCallError("m: down", { kind: "infrastructure", retryable: true });
    const mine = new ScriptedModel([down, "MET"], "mine");
    const opened = await openLanguageModels([mine], { cwd: folder, cache: "log.jsonl" });
    closing.push(opened);
    expect(await askAll(opened.models[0]!, ["a"])).toEqual(["MET"]);
    expect(await askAll(opened.models[0]!, ["a"])).toEqual(["MET"]);
    expect(mine.calls).toHaveLength(2);
    await expect(openLanguageModels([mine], { budgetUsd: 1 })).rejects.toThrow(
      "--budget-usd needs the price of mine",
    );
  });

  it("says what is missing in specs and settings", async () => {
    const open = (spec: string, settings: LanguageModelSettings = {}) =>
      openLanguageModels([spec], { cwd: folder, ...settings });
    const url = "http://127.0.0.1:9/v1";
    await expect(openLanguageModels([])).rejects.toThrow("which model? give --model");
    await expect(open("none.gguf")).rejects.toThrow("model none.gguf: no such file or folder");
    await expect(open(url)).rejects.toThrow(`give --model-name, or write ${url}#name`);
    await expect(open(`${url}#m`, { budgetUsd: 1 })).rejects.toThrow("--budget-usd needs the price of");
    await expect(open(`${url}#m`, { priceIn: 1 })).rejects.toThrow("go together");
    await expect(open(`${url}#m`, { apiKeyEnv: "NO_KEY", environment: {} })).rejects.toThrow(
      "--api-key-env NO_KEY: the variable is not set; export it with the key",
    );
  });
});
