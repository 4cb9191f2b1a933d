import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { textCriticAnswer } from "../generate/text-critic.ts";
import { ChatServer } from "../llm/chat-server.ts";
import { finished, MAIN, startProcess } from "./processes.ts";

// Starting a process takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

const folder = mkdtempSync(join(tmpdir(), "armature-generation-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = (file: string): string[] =>
  existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trimEnd().split("\n") : [];

it.skipIf(process.platform === "win32")(
  "a job that is killed goes on at the next start, loses no row and asks no answered question twice",
  async () => {
    const ROWS = 24;
    const answered: string[] = [];
    let onAnswer: (count: number) => void = () => undefined;
    const server = await ChatServer.start({
      latencyMs: 40,
      answer: ({ messages }) => {
        const question = messages.at(-1)!.content;
        answered.push(question);
        onAnswer(answered.length);
        return textCriticAnswer(question);
      },
    });
    const prompts = Array.from({ length: ROWS }, (_, i) => ({
      id: `row-${i}`,
      prompt: `Explain thing ${i}.`,
    }));
    writeFileSync(join(folder, "prompts.jsonl"), prompts.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const model = ["--model", `${server.url}#critic`, "--concurrency", "2"];
    const args = [
      "rubrics",
      "generate",
      "prompts.jsonl",
      "--method",
      "rtd-initial",
      "--out",
      "out.jsonl",
      ...model,
    ];
    try {
      const killed = startProcess(folder, MAIN, args);
      onAnswer = (count) => void (count === 6 && killed.kill("SIGKILL"));
      expect((await finished(killed)).code).toBeNull();
      expect(existsSync(join(folder, "out.jsonl"))).toBe(false);
      const kept = linesOf("out.job.jsonl").length - 1;
      expect(kept).toBeGreaterThan(0);

      const asked = answered.length;
      onAnswer = () => undefined;
      const second = await finished(startProcess(folder, MAIN, args));
      expect(second.code).toBe(0);
      expect(second.stderr).toContain(`24 of 24 rubrics written`);
      expect(linesOf("out.jsonl").map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(
        prompts.map(({ id }) => id),
      );
      expect(existsSync(join(folder, "out.job.jsonl"))).toBe(false);
      // Only what was under way at the kill was asked again: at most two questions.
      expect(answered.length - asked).toBeGreaterThan(0);
      expect(answered.length).toBeLessThanOrEqual(ROWS + 2);
      expect(new Set(answered).size).toBe(ROWS);
    } finally {
      await server.close();
    }
  },
);
