import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it, vi } from "vitest";
import { ChatServer } from "../llm/chat-server.ts";
import { judgeByWords } from "./word-judge.ts";

// Starting a process takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const LOADER = fileURLToPath(import.meta.resolve("tsx"));
const folder = mkdtempSync(join(tmpdir(), "armature-judge-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROWS = 40;

function start(url: string): ChildProcess {
  const args = [
    "judge",
    "rows.jsonl",
    "--out",
    "scores.jsonl",
    "--model",
    url,
    "--model-name",
    "words",
    "--concurrency",
    "2",
  ];
  return spawn(process.execPath, ["--conditions=armature-source", "--import", LOADER, MAIN, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

it("keeps what was paid for when Ctrl-C stops it, and goes on with the same command", async () => {
  const server = await ChatServer.start({ answer: judgeByWords, latencyMs: 20 });
  try {
    const rows = Array.from({ length: ROWS }, (_, i) => ({
      prompt: `Say ${i}.`,
      rubric: { criteria: [{ text: "Says red." }, { text: "Says blue." }] },
      responses: [i % 2 === 0 ? "red" : "blue"],
    }));
    writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const stopped = start(server.url);
    let stderr = "";
    stopped.stderr!.on("data", (part) => (stderr += part));
    while (server.stats.received < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    stopped.kill("SIGINT");
    const [code] = (await once(stopped, "close")) as [number | null];
    expect(code).toBe(130);
    expect(stderr).toMatch(/stopped: \d+ of 40 are judged; run the same command again to go on\n$/);
    expect(server.stats.answered).toBeLessThan(2 * ROWS);

    const resumed = start(server.url);
    const [end] = (await once(resumed, "close")) as [number | null];
    expect(end).toBe(0);
    // Calls under way at Ctrl-C were waited for, so nothing is asked twice.
    expect(server.stats.received).toBe(2 * ROWS);
    const judged = readFileSync(join(folder, "scores.jsonl"), "utf8").trimEnd().split("\n");
    expect(judged.map((line) => JSON.parse(line).score)).toEqual(rows.map(() => 0.5));
  } finally {
    await server.close();
  }
});
