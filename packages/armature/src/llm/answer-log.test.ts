import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AnswerLog, readAnswerLog } from "./answer-log.ts";
import { CachedModel } from "./cached-model.ts";
import { type CompletionRequest, NO_USAGE } from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";
import { ReplayingModel } from "./replaying-model.ts";
import { requestKey } from "./request-key.ts";
import { ScriptedModel } from "./scripted-model.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-log-"));
  path = join(folder, "answers.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ask = (content: string, more: Partial<CompletionRequest> = {}): CompletionRequest => ({
  messages: [{ role: "user", content }],
  maxTokens: 8,
  temperature: 0,
  ...more,
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("an answer log", () => {
  it("answers equal questions once, also in a later process", async () => {
    const model = new ScriptedModel(["first", "second"]);
    const log = AnswerLog.open(path);
    const cached = new CachedModel(model, log);
    const one = await cached.complete(ask("Ünïcode?\n"));
    expect((await cached.complete(ask("Ünïcode?\n", { topP: 1, n: 1 }))).usage).toEqual(NO_USAGE);
    log.close();
    const again = AnswerLog.open(path);
    const later = new CachedModel(model, again);
    expect(await later.complete(ask("Ünïcode?\n"))).toEqual({ choices: one.choices, usage: NO_USAGE });
    expect(await later.complete(ask("other"))).toMatchObject({
      choices: [{ text: "second" }],
      usage: { calls: 1 },
    });
    again.close();
    expect(model.calls).toHaveLength(2);
    expect(
      (await all(readAnswerLog(path))).map(({ request, choices }) => [
        request.messages[0]?.content,
        choices[0]?.text,
      ]),
    ).toEqual([
      ["Ünïcode?\n", "first"],
      ["other", "second"],
    ]);
  });

  it("keys a question by all that changes its answer", () => {
    const changes: Partial<CompletionRequest>[] = [
      {},
      { messages: [{ role: "system", content: "a" }] },
      { messages: [{ role: "user", content: "b" }] },
      { maxTokens: 9 },
      { temperature: 0.5 },
      { topP: 0.5 },
      { n: 2 },
      { stop: ["x"] },
      { seed: 0 },
      { topLogprobs: 0 },
      { responseSchema: { name: "s", schema: {} } },
    ];
    const keys = [
      ...changes.map((change) => requestKey("m", ask("a", change))),
      requestKey("other", ask("a")),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("cuts off a last line that a kill tore, and goes on behind the whole ones", async () => {
    const log = AnswerLog.open(path);
    const cached = new CachedModel(new ScriptedModel(["one"]), log);
    await cached.complete(ask("a"));
    log.close();
    const whole = readFileSync(path, "utf8");
    appendFileSync(path, whole.slice(0, 40));
    expect(await all(readAnswerLog(path))).toHaveLength(1);
    const again = AnswerLog.open(path);
    expect(readFileSync(path, "utf8")).toBe(whole);
    expect(again.size).toBe(1);
    await new CachedModel(new ScriptedModel(["two"]), again).complete(ask("b"));
    again.close();
    expect(await all(readAnswerLog(path))).toHaveLength(2);
  });

  it("keeps every whole line, whatever byte a kill stopped at", async () => {
    const log = AnswerLog.open(path);
    const cached = new CachedModel(new ScriptedModel(["één", "two\n", "three"]), log);
    for (const question of ["a", "b", "c"]) {
      log.settle(log.reserve({ tokens: 10, usd: 0.5 }), { tokens: 3, usd: 0.25 });
      await cached.complete(ask(question));
    }
    log.close();
    const bytes = readFileSync(path);
    for (let length = 0; length <= bytes.length; length += 23) {
      writeFileSync(path, bytes.subarray(0, length));
      const lines = bytes.subarray(0, length).toString("utf8").split("\n").slice(0, -1);
      const again = AnswerLog.open(path);
      expect(again.size).toBe(lines.filter((line) => line.startsWith('{"key"')).length);
      const [reserved, settled] = ["reserved", "settled"].map(
        (kind) => lines.filter((line) => line.startsWith(`{"${kind}"`)).length,
      );
      expect(again.spent.tokens).toBe(3 * settled! + 10 * (reserved! - settled!));
      again.close();
      expect(readFileSync(path, "utf8")).toBe(lines.map((line) => `${line}\n`).join(""));
    }
  });

  it("names file and line of what is no answer log, and touches nothing", async () => {
    writeFileSync(path, '{"prompt":"my data"}\n');
    expect(() => AnswerLog.open(path)).toThrow(
      `${path}:1: is no record of an answer log; delete the line, or name`,
    );
    await expect(all(readAnswerLog(path))).rejects.toThrow(`${path}:1: is no record of an answer log`);
    expect(readFileSync(path, "utf8")).toBe('{"prompt":"my data"}\n');
    expect(() => AnswerLog.open(join(folder, "none", "a.jsonl"))).toThrow("its folder does not exist");
  });

  it("keeps a second writer out until it is closed", () => {
    const log = AnswerLog.open(path);
    expect(() => AnswerLog.open(path)).toThrow(`${path}: in use by process ${process.pid}; wait for it`);
    log.close();
    AnswerLog.open(path).close();
  });

  it("remembers what was spent, the requests included that a kill cut off", () => {
    const log = AnswerLog.open(path);
    const first = log.reserve({ tokens: 100, usd: 0.1 });
    log.reserve({ tokens: 70, usd: 0.07 });
    log.settle(first, { tokens: 40, usd: 0.04 });
    log.settle(null, { tokens: 5, usd: 0.005 });
    log.close();
    const again = AnswerLog.open(path);
    expect(again.spent.tokens).toBe(115);
    expect(again.spent.usd).toBeCloseTo(0.115, 12);
    expect(again.reserve({ tokens: 1, usd: 0 })).toBe(2);
    again.close();
  });

  it("finds any of a hundred thousand answers again", () => {
    const request = ask("word ".repeat(100));
    const rest = JSON.stringify({
      model: "m",
      choices: [{ text: "MET", finishReason: "stop" }],
      usage: NO_USAGE,
      request,
    }).slice(1);
    const key = (i: number) => i.toString(16).padStart(16, "0");
    writeFileSync(path, Array.from({ length: 100_000 }, (_, i) => `{"key":"${key(i)}",${rest}\n`).join(""));
    const log = AnswerLog.open(path);
    expect(log.size).toBe(100_000);
    for (const i of [0, 54_321, 99_999]) expect(log.answer(key(i))).toMatchObject({ key: key(i), request });
    log.close();
  });
});

describe("CachedModel", () => {
  const opened = () => {
    const log = AnswerLog.open(path);
    return { log, close: () => log.close() };
  };

  it("shares one call among equal questions, and counts its usage once", async () => {
    const { log, close } = opened();
    const model = new ScriptedModel(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return "MET";
    });
    const cached = new CachedModel(model, log);
    const completions = await Promise.all([1, 2, 3].map(() => cached.complete(ask("a"))));
    close();
    expect(model.calls).toHaveLength(1);
    expect(completions.map(({ usage }) => usage.calls)).toEqual([1, 0, 0]);
  });

  it("cancels the shared call only when nobody waits any more", async () => {
    const { log, close } = opened();
    let cancelled = false;
    const model = new ScriptedModel(async (_, __, { signal }) => {
      signal?.addEventListener("abort", () => {
        cancelled = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
      return "MET";
    });
    const cached = new CachedModel(model, log);
    const [a, b] = [new AbortController(), new AbortController()];
    const first = cached.complete(ask("a"), { signal: a.signal });
    const second = cached.complete(ask("a"), { signal: b.signal });
    a.abort(new Error("a left"));
    await expect(first).rejects.toThrow("a left");
    expect(cancelled).toBe(false);
    expect((await second).usage.calls).toBe(1);
    const third = cached.complete(ask("b"), { signal: b.signal });
    b.abort(new Error("b left"));
    await expect(third).rejects.toThrow("b left");
    expect(cancelled).toBe(true);
    expect((await cached.complete(ask("b"))).choices[0]?.text).toBe("MET");
    close();
  });

  it("does not keep failures", async () => {
    const { log, close } = opened();
    const failure = new ModelCallError("m: down", { kind: "infrastructure", retryable: true });
    const cached = new CachedModel(new ScriptedModel([failure, "MET"]), log);
    await expect(cached.complete(ask("a"))).rejects.toBe(failure);
    expect((await cached.complete(ask("a"))).choices[0]?.text).toBe("MET");
    close();
  });
});

describe("ReplayingModel", () => {
  it("answers what was recorded, and says what was not", async () => {
    const log = AnswerLog.open(path);
    await new CachedModel(new ScriptedModel(["one"], "judge@host"), log).complete(ask("a"));
    log.close();
    const replay = await ReplayingModel.open(path);
    expect(replay.id).toBe("judge@host");
    expect(await replay.complete(ask("a"))).toEqual({
      choices: [{ text: "one", finishReason: "stop" }],
      usage: NO_USAGE,
    });
    await expect(replay.complete(ask("b"))).rejects.toThrow(
      `${path}: no recorded answer to "b"; record it again`,
    );
  });

  it("asks which of several recorded models is meant", async () => {
    const log = AnswerLog.open(path);
    for (const id of ["m1", "m2"]) await new CachedModel(new ScriptedModel([id], id), log).complete(ask("a"));
    log.close();
    await expect(ReplayingModel.open(path)).rejects.toThrow(
      "records 2 models; name one with --model-name: m1, m2",
    );
    expect((await (await ReplayingModel.open(path, "m2")).complete(ask("a"))).choices[0]?.text).toBe("m2");
    await expect(ReplayingModel.open(path, "m3")).rejects.toThrow("records no model m3; it has m1, m2");
  });
});
