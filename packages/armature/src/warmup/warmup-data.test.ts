import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { pairId, promptId } from "../data/content-id.ts";
import { readPreferencePairs } from "../data/preference-pairs.ts";
import type { PreferencePair } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { Dialect } from "../judge/dialect.ts";
import { type ChatEncoder, paperDialect } from "../judge/paper-dialect.ts";
import { type WarmupSettings, warmupData } from "./warmup-data.ts";

/** About as many tokens as a real tokenizer gives: one per four characters. */
const quarters: ChatEncoder = {
  encodeChat: (messages) => quarters.encode(messages.map(({ content }) => content).join("\n")),
  encode: (text) => new Int32Array(Math.ceil(text.length / 4)),
  decode: () => "",
  eosTokens: [0],
};
const dialect: Dialect = paperDialect(quarters);
const settings: WarmupSettings = {
  seed: 0,
  share: 0.5,
  maxPromptTokens: 640,
  generatorPrompts: 40,
  judgePairs: 10,
};

function pair(request: string, chosen: string, rejected: string): PreferencePair {
  const messages = [{ role: "user", content: request }] as const;
  const prompt = { id: promptId(messages), messages };
  return { id: pairId(messages, chosen, rejected), prompt, chosen, rejected };
}

const pairs = Array.from({ length: 120 }, (_, i) =>
  pair(`Explain rainfall number ${i} in one sentence.`, `Rainfall ${i} is water.`, "No. Not today."),
);

describe("warmupData", () => {
  it("teaches from one part of the prompts and leaves the other for reinforcement learning", () => {
    const { generator, judge, training } = warmupData(pairs, settings, dialect);
    expect(generator).toHaveLength(40);
    expect(judge).toHaveLength(20);
    expect(training.length).toBeGreaterThan(30);
    const taught = [...generator, ...judge].map(({ prompt }) => prompt[0]!.content);
    for (const { prompt } of training) {
      const fencedRequest = `\`\`\`\n${prompt.messages[0]!.content}\n\`\`\``;
      expect(taught.some((text) => text.includes(fencedRequest))).toBe(false);
    }
  });

  it("lets each side win as often, and keeps the dialect's form", () => {
    const { generator, judge } = warmupData(pairs, settings, dialect);
    const rubrics = judge.map(
      ({ prompt }) => /The rubric:\n```\n([\s\S]*?)\n```/.exec(prompt[0]!.content)![1]!,
    );
    const read = judge.map(({ completion }, i) => dialect.readJudgement(completion, rubrics[i]!));
    expect(read.every(({ formatOk }) => formatOk)).toBe(true);
    expect(read.filter(({ winner }) => winner === "A")).toHaveLength(10);
    expect(generator.every(({ completion }) => dialect.readRubric(completion).ok)).toBe(true);
  });

  it("asks what reinforcement learning asks", () => {
    const seen: string[] = [];
    const listening = paperDialect({
      ...quarters,
      encodeChat: (messages, options) => {
        seen.push(messages.map(({ content }) => content).join("\n"));
        return quarters.encodeChat(messages, options);
      },
    });
    const { generator } = warmupData(pairs, settings, listening);
    for (const { prompt } of generator) expect(seen).toContain(prompt[0]!.content);
  });

  it("moves no prompt when pairs are added, and repeats itself", () => {
    const ids = (from: readonly PreferencePair[]) =>
      warmupData(from, settings, dialect).training.map(({ id }) => id);
    expect(ids([...pairs].reverse()).sort()).toEqual(ids(pairs).sort());
    expect(ids(pairs)).toEqual(expect.arrayContaining(ids(pairs.slice(0, 80))));
    expect(warmupData(pairs, settings, dialect)).toEqual(warmupData(pairs, settings, dialect));
  });

  it("leaves out pairs that are too long, and pairs that counting contradicts, and says how many", () => {
    const long = pair("Explain hail in one sentence.", "Hail is ice.", "ice ".repeat(1000));
    const contrary = Array.from({ length: 50 }, (_, i) =>
      pair(`Explain snow ${i} in one sentence.`, "No. Not today.", `Snow ${i} is frozen water.`),
    );
    const { judge, training, notes } = warmupData([...pairs, ...contrary, long], settings, dialect);
    const texts = [
      ...judge.map(({ prompt }) => prompt[0]!.content),
      ...training.map(({ rejected }) => rejected),
    ];
    expect(texts.some((text) => text.includes("ice ice"))).toBe(false);
    expect(judge.some(({ completion }) => completion.includes("yet"))).toBe(false);
    expect(notes.join()).toMatch(/1 dropped/);
  });

  it.each([
    ["generator", { maxPromptTokens: 10 }],
    ["judge", { share: 0 }],
    ["reinforcement learning", { share: 1 }],
  ])("stops where nothing is left for the %s", (who, change) => {
    const failing = () => warmupData(pairs, { ...settings, ...change }, dialect);
    expect(failing).toThrow(ConfigError);
    if (who !== "generator") expect(failing).toThrow(`for the ${who}`);
  });
});

describe("real preference data", () => {
  const data = fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));
  it.for(["preference-pairs/ultrafeedback_train", "preference-pairs/tulu_human_eval", "llmbar/llmbar"])(
    "%s is taught in good form",
    async (name, { skip }) => {
      const path = join(data, `${name}.jsonl.gz`);
      skip(!existsSync(path), `${name}.jsonl.gz is not beside the repository (../shared/data)`);
      const { pairs: real } = await readPreferencePairs([path], "skip");
      const everything = { ...settings, generatorPrompts: real.length, judgePairs: real.length };
      const { generator, judge } = warmupData(real, everything, dialect);
      expect(generator.length).toBeGreaterThan(100);
      expect(judge.length).toBeGreaterThan(20);
      const faults = generator.flatMap(({ completion }) => {
        const reading = dialect.readRubric(completion);
        return reading.ok ? [] : [reading.fault];
      });
      expect(faults).toEqual([]);
      for (const { prompt, completion } of judge) {
        const rubric = /The rubric:\n```\n([\s\S]*?)\n```/.exec(prompt[0]!.content)![1]!;
        expect(dialect.readJudgement(completion, rubric)).toMatchObject({ formatOk: true });
        expect(dialect.judge.encodeCompletion(completion).length).toBeLessThan(260);
      }
      expect(new Set(generator.map(({ completion }) => completion)).size).toBeGreaterThan(
        0.9 * generator.length,
      );
    },
  );
});
