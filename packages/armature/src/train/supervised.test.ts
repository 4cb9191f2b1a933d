import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalEngine } from "@armature/engine";
import { afterAll, describe, expect, it } from "vitest";
import { readSupervisedRows, supervisedStep, supervisedSteps } from "./supervised.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-supervised-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(...rows: readonly unknown[]): string {
  const path = join(folder, "rows.jsonl");
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join("\n"));
  return path;
}

describe("readSupervisedRows", () => {
  it("reads prompts as texts and as messages", async () => {
    const messages = [
      { role: "system", content: "be brief" },
      { role: "user", content: "hello" },
    ];
    const rows = await readSupervisedRows([
      file({ prompt: "hi", completion: "yes" }, { prompt: messages, completion: "no" }),
    ]);
    expect(rows).toEqual([
      { messages: [{ role: "user", content: "hi" }], completion: "yes" },
      { messages, completion: "no" },
    ]);
  });

  it.each([
    [{ prompt: "hi" }, "completion must be a text"],
    [{ prompt: "hi", completion: "" }, "completion must be a text"],
    [{ completion: "yes" }, "prompt must be a text or a list of messages"],
    [{ prompt: [], completion: "yes" }, "prompt must be a text or a list of messages"],
    [{ prompt: [{ role: "robot", content: "x" }], completion: "yes" }, "prompt must hold messages"],
    [{ prompt: [null], completion: "yes" }, "prompt must hold messages"],
  ])("refuses %j with file and line", async (row, message) => {
    const path = file({ prompt: "fine", completion: "fine" }, row);
    await expect(readSupervisedRows([path])).rejects.toThrow(`${path}:2: ${message}`);
  });

  it("refuses a file without rows", async () => {
    await expect(readSupervisedRows([file()])).rejects.toThrow("no rows to learn from");
  });
});

it("visits every row once an epoch, in another order each time, and learns them", async () => {
  const config = {
    vocabularySize: 30,
    hiddenSize: 32,
    layers: 1,
    heads: 2,
    keyValueHeads: 2,
    headDim: 16,
    intermediateSize: 32,
    ropeTheta: 1000,
    normEpsilon: 1e-6,
    tiedEmbeddings: true,
    maxContextLength: 16,
    eosTokenIds: [1],
  };
  const engine = await LocalEngine.open({ kind: "random", name: "tiny", config, seed: 0 }, { threads: 1 });
  try {
    const model = await engine.createModel({ lora: null, checkpoints: folder });
    const examples = Array.from({ length: 5 }, (_, i) => ({ prompt: [2, 10 + i], completion: [20 + i, 1] }));
    const settings = {
      train: ["rows.jsonl"],
      epochs: 30,
      batchSize: 2,
      learningRate: 2e-2,
      learningRateSchedule: "cosine" as const,
      warmupSteps: 2,
    };
    expect(supervisedSteps(examples.length, settings)).toBe(90);
    const losses: number[] = [];
    const seen: number[] = [];
    for (let step = 0; step < 90; step++) {
      const { loss, tokens } = await supervisedStep(model, examples, step, settings, { eps: 1e-8 }, [
        1,
        "test",
      ]);
      losses.push(loss);
      seen.push(tokens / 4);
    }
    expect(seen.slice(0, 3)).toEqual([2, 2, 1]);
    expect(losses[0]!).toBeGreaterThan(2.5);
    expect(losses.at(-1)!).toBeLessThan(0.2);
  } finally {
    await engine.close();
  }
});
