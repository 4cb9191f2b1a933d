import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DataError } from "../errors.ts";
import { pairFileSummary, readPreferencePairs } from "./preference-pairs.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-pairs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(rows: readonly unknown[], name = "pairs.jsonl"): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"));
  return path;
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const system = (content: string) => ({ role: "system", content });
const human = (value: string) => ({ from: "human", value });
const gpt = (value: string) => ({ from: "gpt", value });

const simple = { messages: [user("Q")], chosen: "good", rejected: "bad" };
const conversation = {
  messages: [system("S"), user("Q"), assistant("R"), user("Q2")],
  chosen: "good",
  rejected: "bad",
};

describe("readPreferencePairs", () => {
  it.each([
    ["prompt-chosen-rejected", { prompt: "Q", chosen: "good", rejected: "bad" }, simple],
    [
      "prompt-chosen-rejected",
      { question: "Q", chosen: assistant("good"), rejected: [assistant("bad")] },
      simple,
    ],
    [
      "prompt-chosen-rejected",
      { prompt: conversation.messages, chosen: [assistant("good")], rejected: [assistant("bad")] },
      conversation,
    ],
    [
      "prompt-chosen-rejected",
      { instruction: "Do", input: "this", system: "S", chosen: "good", rejected: "bad" },
      { ...simple, messages: [system("S"), user("Do\n\nthis")] },
    ],
    ["prompt-chosen-rejected", { instruction: "Q", input: " ", chosen: "good", rejected: "bad" }, simple],
    [
      "implicit-prompt",
      {
        chosen: [...conversation.messages, assistant("good")],
        rejected: [...conversation.messages, assistant("bad")],
      },
      conversation,
    ],
    [
      "implicit-prompt",
      { prompt: "Q", chosen: [user("Q"), assistant("good")], rejected: [user("Q"), assistant("bad")] },
      simple,
    ],
    [
      "implicit-prompt",
      {
        text_chosen: [system(""), user("Q"), assistant("good")],
        text_rejected: [user("Q"), assistant("bad")],
      },
      simple,
    ],
    [
      "implicit-prompt",
      {
        chosen: [{ role: "user", content: [{ type: "text", text: "Q" }] }, assistant("good")],
        rejected: [{ role: "User", content: "Q" }, assistant("bad")],
      },
      simple,
    ],
    ["conversations", { conversations: [human("Q")], chosen: gpt("good"), rejected: gpt("bad") }, simple],
    [
      "conversations",
      {
        system: "S",
        conversations: [human("Q"), gpt("R"), human("Q2")],
        chosen: gpt("good"),
        rejected: gpt("bad"),
      },
      conversation,
    ],
    [
      "transcripts",
      {
        chosen: "\n\nHuman: Q\n\nAssistant: R\n\nHuman: Q2\n\nwith more\n\nAssistant: good",
        rejected: "\n\nHuman: Q\n\nAssistant: R\n\nHuman: Q2\n\nwith more\n\nAssistant: bad",
      },
      { ...simple, messages: [user("Q"), assistant("R"), user("Q2\n\nwith more")] },
    ],
    [
      "two-responses",
      { instruction: "Q", response_a: "bad", response_b: "good", winner: "Response B" },
      simple,
    ],
    ["two-responses", { input: "Q", output_1: "good", output_2: "bad", label: 1 }, simple],
    ["two-responses", { input: "Q", output_1: "bad", output_2: "good", label: "2" }, simple],
    [
      "two-responses",
      { prompt: "Q", completion_a: "good", completion_b: "bad", preference: "a-is-better" },
      simple,
    ],
    [
      "two-responses",
      { prompt: [user("Q")], response1: "bad", response2: "good", winner: "model_b" },
      simple,
    ],
  ])("reads %s: %j", async (shape, row, { messages, chosen, rejected }) => {
    const path = file([row]);
    const { pairs, reports } = await readPreferencePairs([path]);
    expect(reports).toMatchObject([{ shape, rows: 1, pairs: 1, skipped: {} }]);
    expect(pairs).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        prompt: { id: expect.stringMatching(/^[0-9a-f]{16}$/), messages },
        chosen,
        rejected,
        source: { file: path, line: 1 },
      },
    ]);
  });

  it("gives a pair the same id in every shape, and another id with the answers exchanged", async () => {
    const { pairs } = await readPreferencePairs([
      file([{ prompt: "Q", chosen: "good", rejected: "bad" }], "a.jsonl"),
      file([{ conversations: [human("Q")], chosen: gpt("good"), rejected: gpt("bad") }], "b.jsonl"),
      file([{ input: "Q", output_1: "good", output_2: "bad", label: 2 }], "c.jsonl"),
    ]);
    expect(pairs[1]!.id).toBe(pairs[0]!.id);
    expect(pairs[2]!.id).not.toBe(pairs[0]!.id);
    expect(new Set(pairs.map((pair) => pair.prompt.id)).size).toBe(1);
  });

  const text = { prompt: "Q", chosen: "good", rejected: "bad" };
  const whole = { chosen: [user("Q"), assistant("good")], rejected: [user("Q"), assistant("bad")] };
  const labelled = { prompt: "Q", response_a: "x", response_b: "y", winner: "A" };
  it.each([
    ["not-json", text, '{"prompt": "Q"', /:2: the line is not JSON/],
    ["not-json", text, "[]", /:2: the line holds an array/],
    [
      "missing-field",
      text,
      { prompt: "Q", chosen: "good" },
      /:2: rejected is missing; add it or remove the row$/,
    ],
    ["missing-field", text, { ...text, prompt: null }, /:2: prompt is missing/],
    ["wrong-type", text, { ...text, chosen: 3 }, /:2: chosen is a number; give text as a string$/],
    [
      "wrong-type",
      text,
      { ...text, chosen: [assistant("a"), user("b"), assistant("c")] },
      /:2: chosen is a list of 3; /,
    ],
    [
      "wrong-type",
      whole,
      { ...whole, rejected: "bad" },
      /:2: rejected is a string; give a list of messages$/,
    ],
    [
      "wrong-type",
      whole,
      { ...whole, chosen: [user("Q"), "good"] },
      /:2: chosen\[1\] is a string; give \{"role"/,
    ],
    [
      "wrong-type",
      whole,
      { ...whole, chosen: [{ role: "user", content: [{ type: "image_url" }] }, assistant("good")] },
      /:2: chosen\[0\]\.content\[0\] is no text/,
    ],
    ["empty-text", text, { ...text, rejected: " \n" }, /:2: rejected is empty; remove the row$/],
    [
      "empty-text",
      whole,
      { ...whole, chosen: [user("Q"), assistant("")] },
      /:2: chosen\[1\]\.content is empty/,
    ],
    [
      "unknown-role",
      whole,
      { ...whole, chosen: [user("Q"), { role: "tool", content: "3" }, assistant("good")] },
      /:2: chosen\[1\]\.role is "tool"; known roles are system, user/,
    ],
    [
      "unknown-role",
      whole,
      { ...whole, chosen: [user("Q"), { content: "x" }] },
      /:2: chosen\[1\]\.role is missing/,
    ],
    [
      "unknown-role",
      text,
      { ...text, chosen: user("good") },
      /:2: chosen is the user's turn; give the assistant's$/,
    ],
    [
      "no-user-turn",
      text,
      { ...text, prompt: [user("Q"), assistant("R")] },
      /:2: the prompt does not end with a user/,
    ],
    [
      "differs-early",
      whole,
      { ...whole, rejected: [user("Q other"), assistant("bad")] },
      /:2: rejected\[0\] differs from chosen, and it is not the last turn of both/,
    ],
    [
      "differs-early",
      whole,
      { ...whole, rejected: [user("Q"), assistant("good"), user("more")] },
      /:2: rejected\[2\] differs/,
    ],
    [
      "identical-responses",
      text,
      { ...text, rejected: "good" },
      /:2: rejected equals chosen; remove the row$/,
    ],
    ["identical-responses", whole, { ...whole, rejected: whole.chosen }, /:2: rejected equals chosen/],
    [
      "tie",
      labelled,
      { ...labelled, winner: "tie (bothbad)" },
      /:2: winner is "tie \(bothbad\)"; only rows with a/,
    ],
    ["unknown-winner", labelled, { ...labelled, winner: 0 }, /:2: winner is 0; write A, B, 1 or 2$/],
    ["unknown-winner", labelled, { ...labelled, winner: "banana" }, /:2: winner is "banana"/],
    ["unknown-winner", labelled, { ...labelled, winner: null }, /:2: winner is null/],
  ])("counts or stops at %s", async (reason, good, bad, message) => {
    const path = file([good, bad, good]);
    await expect(readPreferencePairs([path], "strict")).rejects.toThrow(message);
    await expect(readPreferencePairs([path], "strict")).rejects.toSatisfy(DataError.isInstance);
    const { pairs, reports } = await readPreferencePairs([path], "skip");
    expect(pairs.map((pair) => pair.source?.line)).toEqual([1, 3]);
    expect(reports[0]).toMatchObject({ rows: 3, pairs: 2, skipped: { [reason]: 1 } });
    expect(reports[0]!.firstSkipped).toEqual({ [reason]: expect.stringMatching(message) });
  });

  it("finds the shape in the first row that has one", async () => {
    const path = file([{ comment: "exported" }, text, text]);
    await expect(readPreferencePairs([path])).rejects.toThrow(
      /:1: a row with the fields comment has no known shape/,
    );
    const { reports } = await readPreferencePairs([path], "skip");
    expect(pairFileSummary(reports[0]!).replace(folder, "")).toBe(
      "/pairs.jsonl: prompt-chosen-rejected (prompt, chosen, rejected), 2 pairs of 3 rows, left out 1 unknown-shape",
    );
  });

  it("never returns an empty set", async () => {
    await expect(readPreferencePairs([file([])], "skip")).rejects.toThrow(/holds no rows/);
    await expect(readPreferencePairs([file([{ a: 1 }, "x"])], "skip")).rejects.toThrow(
      /^no usable pair in 2 rows: .*:1: a row with the fields a has no known shape.* \| .*:2: the line is not JSON/,
    );
  });
});

describe("real preference data", () => {
  const data = fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));
  it.for([
    [
      "preference-pairs/ultrafeedback_train",
      "prompt-chosen-rejected",
      1000,
      { "identical-responses": 4, "empty-text": 2 },
    ],
    ["preference-pairs/ultrafeedback_eval", "prompt-chosen-rejected", 200, { "identical-responses": 1 }],
    ["preference-pairs/llamafactory_dpo_en", "conversations", 300, {}],
    ["preference-pairs/tulu_human_eval", "two-responses", 1150, { tie: 376, "identical-responses": 1 }],
    ["llmbar/llmbar", "two-responses", 419, {}],
    ["llmbar/case_study", "two-responses", 315, {}],
    ["hh-rlhf/harmless_base_test", "transcripts", 2312, { "differs-early": 5, "empty-text": 4 }],
    ["ifbench-rm/ifbench_pairs", "implicit-prompt", 444, {}],
  ] as const)("%s is read as %s", async ([name, shape, rows, skipped], { skip }) => {
    const path = join(data, `${name}.jsonl.gz`);
    skip(!existsSync(path), `${name}.jsonl.gz is not beside the repository (../shared/data)`);
    const { pairs, reports } = await readPreferencePairs([path], "skip");
    expect(reports).toEqual([expect.objectContaining({ shape, rows, skipped })]);
    expect(pairs.length).toBe(reports[0]!.pairs);
    expect(pairs.every(({ prompt }) => prompt.messages.at(-1)?.role === "user")).toBe(true);
  });
});
