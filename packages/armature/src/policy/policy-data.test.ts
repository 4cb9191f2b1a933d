import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Prompt } from "../data/prompt.ts";
import { batchOf, policyData } from "./policy-data.ts";
import type { Writer } from "./writer.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-policy-data-"));
afterAll(() => rmSync(folder, { recursive: true }));

const prompts = (count: number): Prompt[] =>
  Array.from({ length: count }, (_, i) => ({ id: `p${i}`, messages: [{ role: "user", content: `${i}` }] }));

/** One token a character. */
const writer: Writer = {
  prompt: ({ messages }) => Int32Array.from(messages[0]!.content, (_, i) => i),
  speaker: { decode: () => "", encodeCompletion: () => new Int32Array(), stop: [], maxTokens: 8 },
};

const evaluation = { prompts: 100, samples: 1, temperature: 1, every: 0, bootstrapSamples: 10 };

function fileOf(name: string, texts: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, texts.map((prompt) => `${JSON.stringify({ prompt })}\n`).join(""));
  return path;
}

function read(files: { prompts: string[]; heldOut?: string[]; heldOutShare?: number }) {
  const data = {
    ...{
      kind: "files" as const,
      heldOut: [],
      heldOutShare: 0.3,
      maxPromptTokens: 20,
      badRows: "strict" as const,
    },
    ...files,
  };
  return policyData({ data, seed: 3, evaluation }, (path) => path, writer);
}

describe("batchOf", () => {
  it("takes every prompt once before it takes one twice, whatever the batch size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 12 }), (count, size) => {
        const train = prompts(count);
        const taken = Array.from({ length: 8 }, (_, index) => batchOf(train, size, index, 1)).flat();
        for (let pass = 0; (pass + 1) * count <= taken.length; pass++)
          expect(new Set(taken.slice(pass * count, (pass + 1) * count)).size).toBe(count);
      }),
    );
  });

  it("goes through later passes in another order", () => {
    const train = prompts(40);
    expect(batchOf(train, 40, 0, 1)).toEqual(train);
    expect(batchOf(train, 40, 1, 1)).not.toEqual(train);
    expect(batchOf(train, 40, 1, 1)).not.toEqual(batchOf(train, 40, 2, 1));
  });
});

describe("policyData", () => {
  const texts = Array.from({ length: 60 }, (_, i) => `question ${i}`);

  it("sets a share of the prompts aside", async () => {
    const { train, heldOut } = await read({ prompts: [fileOf("all.jsonl", texts)] });
    expect(train.length + heldOut.length).toBe(60);
    expect(heldOut.length).toBeGreaterThan(8);
    expect(heldOut.length).toBeLessThan(30);
  });

  it("never learns from a prompt of the named held-out files", async () => {
    const heldOut = [fileOf("test.jsonl", texts.slice(50))];
    const data = await read({ prompts: [fileOf("all.jsonl", texts)], heldOut });
    expect(data.heldOut).toHaveLength(10);
    expect(data.train).toHaveLength(50);
  });

  it("leaves long and repeated prompts out and says so", async () => {
    const long = "a question that is too long to be read";
    const { train, heldOut, notes } = await read({
      prompts: [fileOf("long.jsonl", [...texts, texts[0]!, long])],
    });
    expect([...train, ...heldOut]).toHaveLength(60);
    expect(notes).toEqual([
      "prompts: 61 distinct ones read, 1 and 0 held-out ones longer than 20 tokens left out",
    ]);
  });

  it("refuses a run without prompts on both sides", async () => {
    await expect(read({ prompts: [fileOf("one.jsonl", ["a"])], heldOutShare: 0 })).rejects.toThrow(
      "1 prompts to learn from and 0 to measure on fit into 20 tokens",
    );
  });
});
