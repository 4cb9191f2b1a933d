import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findDuplicates, findOverlap, withoutOverlap } from "./overlap.ts";
import { readPreferencePairs } from "./preference-pairs.ts";
import type { PreferencePair } from "./prompt.ts";

let line = 0;
const pair = (prompt: string, chosen: string, rejected: string, file = "a.jsonl"): PreferencePair => ({
  id: `${++line}`,
  prompt: { id: prompt, messages: [{ role: "user", content: prompt }] },
  chosen,
  rejected,
  source: { file, line },
});

describe("findDuplicates", () => {
  it("counts repeated prompts, repeated pairs and contradictions", () => {
    line = 0;
    const pairs = [
      pair("What is 2+2?", "4", "5"),
      pair("What is 2-2?", "4", "5"),
      pair(" what  is 2+2?\n", "four", "five"),
      pair("What is 2+2?", " 4. ", "5"),
      pair("WHAT IS 2+2?", "5", "4"),
    ];
    expect(findDuplicates(pairs)).toEqual({
      pairs: 5,
      samePrompt: 3,
      samePair: 2,
      contradicting: 1,
      examples: [
        ["a.jsonl:1", "a.jsonl:4"],
        ["a.jsonl:1", "a.jsonl:5"],
      ],
    });
  });

  it("compares who said what, not only the words", () => {
    const asUser = {
      ...pair("x", "1", "2"),
      prompt: { id: "", messages: [{ role: "user", content: "x" }] },
    } as const;
    const asSystem = {
      ...asUser,
      prompt: { id: "", messages: [{ role: "system", content: "x" }] },
    } as const;
    expect(findDuplicates([asUser, asSystem]).samePrompt).toBe(0);
  });
});

describe("findOverlap", () => {
  const train = [pair("Q1", "a", "b"), pair("Q2", "a", "b"), pair("Q3", "a", "b")];
  const test = [
    pair("q1", "b", "a", "t.jsonl"),
    pair("Q2", "x", "y", "t.jsonl"),
    pair("Q4", "a", "b", "t.jsonl"),
  ];

  it("counts test pairs that training has seen", () => {
    const report = findOverlap(train, test);
    expect(report).toMatchObject({ train: 3, test: 3, samePrompt: 2, samePair: 1 });
    expect(report.examples[0]).toEqual([
      `a.jsonl:${train[0]!.source?.line}`,
      `t.jsonl:${test[0]!.source?.line}`,
    ]);
  });

  it("is gone after withoutOverlap", () => {
    const kept = withoutOverlap(train, test);
    expect(kept).toEqual([train[2]]);
    expect(findOverlap(kept, test)).toMatchObject({ samePrompt: 0, samePair: 0 });
  });
});

it("finds no training prompt in the evaluation set of UltraFeedback", async ({ skip }) => {
  const file = (part: string) =>
    fileURLToPath(
      new URL(`../../../../../shared/data/preference-pairs/ultrafeedback_${part}.jsonl.gz`, import.meta.url),
    );
  skip(!existsSync(file("train")), "../shared/data/preference-pairs is absent");
  const [train, test] = await Promise.all(
    ["train", "eval"].map((part) => readPreferencePairs([file(part)], "skip")),
  );
  expect(findOverlap(train!.pairs, test!.pairs)).toMatchObject({
    train: 994,
    test: 199,
    samePrompt: 0,
    samePair: 0,
  });
});
