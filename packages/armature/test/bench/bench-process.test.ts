import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { finished, MAIN, startProcess } from "../cli/processes.ts";
import { judgeByWords } from "../judge/word-judge.ts";
import { ChatServer } from "../llm/chat-server.ts";

// Starting a process takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

const PAIRS = 40;
let folder = "";
let server: ChatServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "armature-bench-"));
  server = await ChatServer.start({ answer: judgeByWords, latencyMs: 20 });
  const pairs = Array.from({ length: PAIRS }, (_, i) => {
    return { prompt: `Say ${i}.`, chosen: "a good red", rejected: "blue" };
  });
  writeFileSync(join(folder, "pairs.jsonl"), pairs.map((row) => `${JSON.stringify(row)}\n`).join(""));
  writeFileSync(join(folder, "rubric.txt"), "1. Says good. [Principle]\n");
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = (...more: readonly string[]) =>
  startProcess(folder, MAIN, [
    ...["bench", "pairs.jsonl", "--model", server.url, "--model-name", "words", "--concurrency", "2"],
    ...["--rubric", "rubric.txt", "--out", "out", ...more],
  ]);
const received = async (count: number) => {
  while (server.stats.received < count) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("a bench that is stopped goes on", () => {
  it("after Ctrl-C, and asks nothing twice", async () => {
    const stopped = start("--mode", "pairwise");
    const end = finished(stopped);
    await received(20);
    stopped.kill("SIGINT");
    const { code, stderr } = await end;
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: expect.stringMatching(/stopped after \d+; run the same command again to go on\n$/),
    });
    expect((await finished(start("--mode", "pairwise"))).code).toBe(0);
    expect(server.stats.received).toBe(2 * PAIRS);
    const result = JSON.parse(readFileSync(join(folder, "out/result.json"), "utf8"));
    expect(result).toMatchObject({ items: PAIRS, average: { value: 1 }, unjudged: 0 });
  });

  it("after a kill: at most what was under way is asked again", async () => {
    const killed = start();
    const end = finished(killed);
    await received(20);
    killed.kill("SIGKILL");
    await end;
    const before = server.stats.received;
    expect((await finished(start())).code).toBe(0);
    expect(server.stats.received).toBeLessThanOrEqual(2 * PAIRS + 4);
    expect(server.stats.received - before).toBeLessThan(2 * PAIRS);
  });
});
