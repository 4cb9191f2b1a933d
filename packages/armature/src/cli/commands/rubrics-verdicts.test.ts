import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { armature, inScratchFolder } from "../../../test/cli/command-line.ts";
import { judgeByWords } from "../../../test/judge/word-judge.ts";
import { ChatServer } from "../../../test/llm/chat-server.ts";

const scratch = inScratchFolder();
let server: ChatServer;
beforeEach(async () => {
  server = await ChatServer.start({ answer: judgeByWords });
});
afterEach(() => server.close());

it("rubrics diff names the verdicts of `armature judge` that a changed rubric changed", async () => {
  const file = (name: string, criteria: readonly object[]) => {
    const responses = ["hello friend", "hello"].map((text) => ({ text }));
    const row = { id: "r", prompt: "Greet.", rubric: { criteria }, responses };
    writeFileSync(join(scratch.path, name), `${JSON.stringify(row)}\n`);
  };
  file("old.jsonl", [
    { id: "a", text: "Says hello." },
    { id: "b", text: "Says bye." },
  ]);
  file("new.jsonl", [
    { id: "z", text: "Says hello." },
    { id: "b", text: "Says friend." },
  ]);
  for (const version of ["old", "new"]) {
    const model = ["--model", server.url, "--model-name", "words", "--retries", "0"];
    const args = ["judge", `${version}.jsonl`, ...model, "--out", `${version}-scores.jsonl`];
    expect((await armature(scratch.path, args)).code).toBe(0);
  }
  const diff = ["rubrics", "diff", "old.jsonl", "new.jsonl", "--verdicts"];
  const result = await armature(scratch.path, [...diff, "old-scores.jsonl", "new-scores.jsonl"]);
  expect(result).toEqual({
    code: 0,
    stdout: [
      "r",
      "  ~ b: reworded (50 % alike)",
      "      was Says bye.",
      "      is  Says friend.",
      "  ! b: 1 of 2 verdicts changed: 1 no -> yes",
      "",
    ].join("\n"),
    stderr:
      "0 of 1 rubrics unchanged, criteria: 0 added, 0 removed, 1 reworded, 0 weighed anew, 0 turned round; 1 of 4 verdicts changed\n",
  });
});
