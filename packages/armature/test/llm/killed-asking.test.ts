import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it, vi } from "vitest";
import { readAnswerLog } from "../../src/llm/answer-log.ts";
import { ChatServer } from "./chat-server.ts";

// Starting a process takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

const folder = mkdtempSync(join(tmpdir(), "armature-asking-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ASKING = fileURLToPath(new URL("asking-process.ts", import.meta.url));
const LOADER = fileURLToPath(import.meta.resolve("tsx"));

function start(...args: readonly (string | number)[]): ChildProcess {
  const node = ["--conditions=armature-source", "--import", LOADER, ASKING, ...args.map(String)];
  return spawn(process.execPath, node, { stdio: ["ignore", "pipe", "inherit"] });
}

async function outcomesOf(child: ChildProcess): Promise<readonly string[]> {
  let text = "";
  child.stdout!.on("data", (part) => (text += part));
  await once(child, "close");
  return JSON.parse(text.trimEnd().split("\n").at(-1)!) as string[];
}

it("loses no answer to kill -9, asks none twice, and keeps the budget over all its lives", async () => {
  const server = await ChatServer.start({
    latencyMs: 4,
    answer: ({ messages }) => `re ${messages[0]!.content}`,
  });
  try {
    const cache = join(folder, "answers.jsonl");
    const spent = () => server.stats.promptTokens + server.stats.completionTokens;
    for (const answers of [40, 90]) {
      const child = start(server.url, cache, 300, 100_000);
      await once(child.stdout!, "data");
      await vi.waitUntil(() => server.stats.answered >= answers, { timeout: 60_000, interval: 2 });
      child.kill("SIGKILL");
      await once(child, "close");
    }
    const unknown = server.stats.answered;
    // An answer takes 5 tokens. What the kills cut off counts with the most it can have taken, up to 109 tokens each.
    const short = await outcomesOf(start(server.url, cache, 300, 1500));
    expect(spent()).toBeLessThanOrEqual(1500);
    expect(short).toContain("failed: budget");
    expect(server.stats.answered).toBeLessThan(300);
    const whole = await outcomesOf(start(server.url, cache, 300, 100_000));
    expect(whole).toEqual(Array.from({ length: 300 }, (_, i) => `re question ${i}`));
    const logged: string[] = [];
    for await (const { request } of readAnswerLog(cache)) logged.push(request.messages[0]!.content);
    expect(logged.toSorted()).toEqual(Array.from({ length: 300 }, (_, i) => `question ${i}`).toSorted());
    // Only what was under way at a kill was asked again.
    expect(server.stats.answered - 300).toBeLessThanOrEqual(32);
    expect(unknown).toBeGreaterThanOrEqual(90);
  } finally {
    await server.close();
  }
});
