import { describe, expect, it } from "vitest";
import { textPrompt } from "../data/read-prompts.ts";
import { noteTruth } from "./note-truth.ts";
import { policyPrompts } from "./policy-prompts.ts";

describe("noteTruth", () => {
  const prompt = textPrompt("write to the child about the wet roof . start with a greeting . give a time .");

  it("is the hidden reward with the share of rules kept", () => {
    // One rule of two, and the child's first value (hopeful): 3 + 1.
    expect(noteTruth(prompt, "hello , the roof is wet . i hope so .")).toEqual({
      reward: 4,
      fault: null,
      rulesKept: 0.5,
    });
  });

  it("knows a text that is none", () => {
    expect(noteTruth(prompt, "the roof")).toEqual({
      reward: null,
      fault: "the last sentence is not closed",
      rulesKept: 0,
    });
  });

  it("refuses a prompt of another world", () => {
    expect(() => noteTruth(textPrompt("What is a note?"), "x")).toThrow(/no request of the sandbox/);
  });
});

describe("policyPrompts", () => {
  it("are all requests of the world in two parts that share none", () => {
    const { train, heldOut } = policyPrompts();
    expect([train.length, heldOut.length]).toEqual([1200, 400]);
    expect(new Set([...train, ...heldOut].map(({ id }) => id)).size).toBe(1600);
    for (const prompt of heldOut) noteTruth(prompt, "");
  });
});
