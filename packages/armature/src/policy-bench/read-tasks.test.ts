import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openPolicySuite, POLICY_SUITES } from "./policy-suites.ts";
import { readPolicyTasks } from "./read-tasks.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-tasks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DATA = join(import.meta.dirname, "../../../../../shared/data");
const SELECTION = { seed: 0, runs: 1, badRows: "strict" } as const;

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("readPolicyTasks", () => {
  /** Questions and kinds of question of the published files. */
  it.for<[name: string, questions: number, kinds: number]>([
    ["ifeval", 541, 9],
    ["ifbench", 300, 7],
    ["gpqa-diamond", 198, 3],
    ["mmlu", 14_042, 57],
    ["mmlu-medical", 2396, 10],
    ["medqa", 1273, 2],
    ["healthbench", 2128, 8],
    ["biggen", 765, 9],
    ["hellobench", 270, 20],
    ["multichallenge", 273, 4],
    ["infobench", 500, 2],
  ])("reads every row of %s", { timeout: 30_000 }, async ([name, questions, kinds], { skip }) => {
    if (!existsSync(DATA)) return skip("../shared/data is missing");
    const { suite, files } = openPolicySuite(name, [], { cwd: folder, data: DATA });
    const { tasks, skipped } = await readPolicyTasks(suite, files, SELECTION);
    expect(skipped).toEqual([]);
    expect([tasks.length, new Set(tasks.map(({ subset }) => subset)).size]).toEqual([questions, kinds]);
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(questions);
  });

  it("reads GPQA as it is published, a table with names", async () => {
    const names =
      "Record ID,Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3";
    const file = write("gpqa.csv", `${names}\nr1,"Which, of ""these""?",a,b,c,d\n`);
    const { tasks } = await readPolicyTasks(POLICY_SUITES.get("gpqa-diamond")!, [file], {
      ...SELECTION,
      runs: 24,
    });
    expect(tasks[0]!.prompt.messages[0]!.content).toContain('Which, of "these"?\n\nA) ');
    expect(tasks.map(({ id }) => id).slice(0, 3)).toEqual(["r1", "r1#2", "r1#3"]);
    const orders = new Set(tasks.map(({ prompt }) => prompt.messages[0]!.content));
    expect(orders.size).toBeGreaterThan(8);
    const torn = write("torn.csv", `${names}\nr1,q,a\n`);
    const suite = POLICY_SUITES.get("gpqa-diamond")!;
    await expect(readPolicyTasks(suite, [torn], SELECTION)).rejects.toThrow(
      "torn.csv:2: the line has 3 columns",
    );
  });

  it("refuses two questions of one id, and archives of something else", async () => {
    const row = JSON.stringify({
      key: 1,
      prompt: "p",
      instruction_id_list: ["punctuation:no_comma"],
      kwargs: [{}],
    });
    const file = write("twice.jsonl", `${row}\n${row}\n`);
    const ifeval = POLICY_SUITES.get("ifeval")!;
    await expect(readPolicyTasks(ifeval, [file], SELECTION)).rejects.toThrow(
      /twice\.jsonl:2: id 1 stands at .*twice\.jsonl:1 already/,
    );
    expect((await readPolicyTasks(ifeval, [file], { ...SELECTION, badRows: "skip" })).skipped).toHaveLength(
      1,
    );
    await expect(
      readPolicyTasks(POLICY_SUITES.get("mmlu")!, [write("no.zip", "PK")], SELECTION),
    ).rejects.toThrow("is no zip archive");
  });
});
