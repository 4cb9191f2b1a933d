import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JudgementRow } from "../../packages/armature/src/judge/judgement-row.ts";
import { judgeByWords } from "../../packages/armature/test/judge/word-judge.ts";
import { type ChatRequest, ChatServer, faultMix } from "../../packages/armature/test/llm/chat-server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Shares of requests that go wrong. */
export const FAULTS = { rateLimited: 0.05, failed: 0.02, hang: 0.01, garbage: 0.01, cut: 0.005 } as const;

/** What a server was asked and would bill. */
export interface Bill {
  received: number;
  /** Tokens of every request that a provider would charge: all but those it turned away. */
  tokens: number;
  /** How often each question was answered. */
  readonly answered: Map<string, number>;
}

/** A real server that judges by words and fails as told, and its bill. `countsAs` words are one token. */
export async function faultyServer(seed: number): Promise<{ readonly server: ChatServer; bill: Bill }> {
  const bill: Bill = { received: 0, tokens: 0, answered: new Map() };
  const draw = faultMix(seed, FAULTS);
  const server = await ChatServer.start({
    record: false,
    latencyMs: 2,
    answer: judgeByWords,
    behave: (request: ChatRequest) => {
      const behaviour = draw(request);
      bill.received++;
      if (behaviour.kind === "status") return behaviour;
      const question = request.body.messages.at(-1)!.content;
      bill.tokens += wordsOf(question) + wordsOf(judgeByWords(request.body));
      if (behaviour.kind !== "answer") return behaviour;
      const key = createHash("sha256").update(question).digest("hex");
      bill.answered.set(key, (bill.answered.get(key) ?? 0) + 1);
      return behaviour;
    },
  });
  return { server, bill };
}

const wordsOf = (text: string): number => text.split(" ").length;

/** Criteria of each row, by the word they look for; weights 1 to 10. */
const WORDS = ["red", "green", "blue", "black", "white", "gold", "grey", "pink", "brown", "cyan"];

/** Rows of one response with ten criteria each; which words a response has is written in its number. */
export function writeRows(file: string, rows: number): void {
  const criteria = WORDS.map((word, i) => ({ id: word, text: `Says ${word}.`, weight: i + 1 }));
  const lines = Array.from({ length: rows }, (_, i) => {
    const response = ["none", ...WORDS.filter((_, w) => saysWord(i, w))].join(" ");
    return JSON.stringify({
      id: `row-${i}`,
      prompt: `Name colours ${i}.`,
      rubric: { criteria },
      responses: [response],
    });
  });
  writeFileSync(file, `${lines.join("\n")}\n`);
}

const saysWord = (row: number, word: number): boolean => ((row * 7919 + word * 104_729) >> 3) % 2 === 1;

/** Runs `armature judge` as a process; with `killAfter` it gets SIGKILL once the server has so many more requests. */
export async function judgeProcess(
  folder: string,
  args: readonly string[],
  bill: Bill,
  killAfter?: number,
): Promise<{ readonly killed: boolean; readonly code: number | null }> {
  const main = join(ROOT, "packages/armature/src/cli/main.ts");
  const tsx = fileURLToPath(import.meta.resolve("tsx"));
  const child = spawn(
    process.execPath,
    ["--import", tsx, "--conditions=armature-source", main, "judge", ...args],
    { cwd: folder, stdio: ["ignore", "ignore", "inherit"] },
  );
  const until = killAfter === undefined ? Number.POSITIVE_INFINITY : bill.received + killAfter;
  const watch = setInterval(() => bill.received >= until && child.kill("SIGKILL"), 5);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.on("exit", (...end) => resolve(end)),
  );
  clearInterval(watch);
  return { killed: signal === "SIGKILL", code };
}

/** What is wrong with an output of `rows` rows; every verdict and score is computed again from the row's number. */
export function judgementFaults(file: string, rows: number) {
  const judged = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JudgementRow);
  const places = new Set(
    judged.flatMap(({ id, verdicts }) => verdicts.map(({ criterion }) => `${id} ${criterion}`)),
  );
  const failures: Record<string, number> = {};
  let [wrong, countedAsZero] = [0, 0];
  for (const { id, score, verdicts } of judged) {
    const row = Number(id.slice("row-".length));
    let [earned, judgedWeight] = [0, 0];
    for (const verdict of verdicts) {
      const word = WORDS.indexOf(verdict.criterion);
      if (verdict.status === "failed") {
        failures[verdict.kind] = (failures[verdict.kind] ?? 0) + 1;
        if ("value" in verdict) countedAsZero++;
      } else if (verdict.status === "scored") {
        if (verdict.value !== Number(saysWord(row, word))) wrong++;
        earned += verdict.value * (word + 1);
        judgedWeight += word + 1;
      } else wrong++;
    }
    const expected = judgedWeight === 0 ? null : earned / judgedWeight;
    if (score === null || expected === null ? score !== expected : Math.abs(score - expected) > 1e-12)
      countedAsZero++;
  }
  return {
    judgements: judged.reduce((sum, { verdicts }) => sum + verdicts.length, 0),
    missingOrTwice: Math.abs(rows * WORDS.length - places.size) + Math.abs(judged.length - rows),
    wrong,
    countedAsZero,
    failures,
  };
}
