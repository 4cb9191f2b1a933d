import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RowFault } from "../../data/row-fields.ts";
import { rankResponses } from "../../generate/rank-responses.ts";
import { inputKey, readInputRows } from "./input-rows.ts";

async function read(rows: readonly object[], more: Partial<Parameters<typeof readInputRows>[1]> = {}) {
  const file = join(mkdtempSync(join(tmpdir(), "armature-input-")), "rows.jsonl");
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  try {
    return await readInputRows(file, { badRows: "strict", ...more });
  } catch (error) {
    throw new Error((error as Error).message.replaceAll(file, "rows.jsonl"));
  }
}

describe("rows of a generation job", () => {
  test.each<[what: string, row: object, result: object]>([
    ["a prompt", { instruction: "Hi" }, { reference: null, responses: [], rubric: null, line: 1 }],
    ["a reference", { question: "Hi", reference_answer: "Hello" }, { reference: "Hello" }],
    [
      "responses as texts and objects",
      { prompt: "Hi", id: 7, responses: ["a", { text: "b", model: "m", seed: 3, extra: { score: 1 } }] },
      { id: "7", responses: [{ text: "a" }, { text: "b", model: "m", extra: { seed: 3, score: 1 } }] },
    ],
    [
      "a preference pair",
      { prompt: "Hi", chosen: "a", rejected: "b" },
      {
        responses: [
          { text: "a", extra: { rank: 1 } },
          { text: "b", extra: { rank: 2 } },
        ],
      },
    ],
    [
      "a pair with a winner",
      { instruction: "Hi", response_a: "a", response_b: "b", winner: "B" },
      { responses: [{ text: "b" }, { text: "a" }] },
    ],
    [
      "our own rubric row",
      { prompt: "Hi", rubric: { criteria: [{ text: "Greets." }] }, reference: "Hello", responses: ["a"] },
      {
        reference: "Hello",
        rubric: { criteria: [{ id: "c1", text: "Greets." }] },
        responses: [{ text: "a" }],
      },
    ],
    [
      "a rubric row of another format",
      {
        prompt: "Hi",
        rubrics: [{ criterion: "Greets.", weight: 2 }],
        number_of_criteria: 1,
        total_weight: 2,
      },
      { rubric: { criteria: [{ text: "Greets.", weight: 2 }] }, responses: [] },
    ],
    [
      "a pair with a rubric as text",
      {
        ...{ instruction: "Hi", response_a: "a", response_b: "b", winner: "B" },
        rubric: "1. The response greets. [Principle]",
      },
      {
        rubric: { criteria: [{ kind: "principle" }] },
        responses: [{ text: "b", extra: { rank: 1 } }, { text: "a" }],
      },
    ],
  ])("are read: %s", async (_, row, result) => {
    const { rows, skipped } = await read([row]);
    expect(rows[0]).toMatchObject({ prompt: { messages: [{ role: "user", content: "Hi" }] }, ...result });
    expect(skipped).toEqual([]);
  });

  test("a named reference field goes before the known ones", async () => {
    const { rows } = await read([{ prompt: "Hi", reference: "no", gold: "yes" }], { referenceField: "gold" });
    expect(rows[0]!.reference).toBe("yes");
  });

  test.each<[row: object, message: string]>([
    [{ text: "x" }, "rows.jsonl:1: prompt is missing"],
    [{ prompt: "Hi", responses: "a" }, "rows.jsonl:1: responses is a string"],
    [{ prompt: "Hi", responses: [{ model: "m" }] }, "rows.jsonl:1: responses[0].text is missing"],
    [{ rubric: { criteria: ["A"] } }, "rows.jsonl:1: prompt is missing"],
    [
      { messages: [{ role: "assistant", content: "Hi" }] },
      "rows.jsonl:1: the prompt does not end with a user's turn",
    ],
  ])("%j is a bad row", async (row, message) => {
    await expect(read([row])).rejects.toThrow(message);
  });

  test("bad rows are left out and named where asked", async () => {
    const need = ({ responses }: { responses: readonly unknown[] }) => {
      if (responses.length < 2) throw new RowFault("missing-field", "responses", "are too few; give 2");
    };
    const { rows, skipped } = await read(
      [{ prompt: "a" }, { prompt: "b", responses: ["x", "y"] }, { nothing: 1 }],
      { badRows: "skip", need },
    );
    expect(rows.map(({ line }) => line)).toEqual([2]);
    expect(skipped.map((place) => place.replace(/^.*rows/, "rows"))).toEqual([
      "rows.jsonl:1: responses are too few; give 2",
      expect.stringMatching(/^rows.jsonl:3: prompt is missing/),
    ]);
    await expect(read([{ nothing: 1 }], { badRows: "skip" })).rejects.toThrow("none of 1 rows can be used");
    await expect(read([])).rejects.toThrow("holds no rows");
  });

  test("a row's key depends on what is asked, not on its place", async () => {
    const key = async (...rows: object[]) => inputKey((await read(rows)).rows.at(-1)!);
    const base = await key({ prompt: "Hi", responses: ["a"] });
    expect(await key({ prompt: "x" }, { prompt: "Hi", responses: ["a"], id: "other" })).toBe(base);
    expect(await key({ prompt: "Hi", responses: ["b"] })).not.toBe(base);
    expect(await key({ prompt: "Hi", responses: ["a"], reference: "r" })).not.toBe(base);
  });
});

describe("ranking responses", () => {
  const of = (field: string, ...values: readonly (number | undefined)[]) =>
    values.map((value, i) => ({ text: `${i}`, ...(value !== undefined && { extra: { [field]: value } }) }));
  const order = (ranking: ReturnType<typeof rankResponses>) =>
    ranking.ok ? [ranking.ranked.map(({ text }) => text).join(""), ranking.level] : ranking.fault;

  test("by rank, lowest first; by score, highest first; as listed", () => {
    expect(order(rankResponses(of("rank", 3, 1, 2)))).toEqual(["120", 0]);
    expect(order(rankResponses(of("score", 0.1, 9, 4)))).toEqual(["120", 0]);
    expect(order(rankResponses(of("x", 1, 2), true))).toEqual(["01", 0]);
  });

  test("of responses that are level or equal the first counts", () => {
    expect(order(rankResponses(of("score", 1, 2, 2, 0)))).toEqual(["103", 1]);
    expect(order(rankResponses([{ text: "a" }, { text: "a" }, { text: "b" }], true))).toEqual(["ab", 1]);
  });

  test("needs an order of at least two", () => {
    expect(order(rankResponses(of("score", 1, undefined)))).toContain("no rank and no score");
    expect(order(rankResponses(of("score", 1, 1)))).toContain("at least 2 are needed");
  });
});
