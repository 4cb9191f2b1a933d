import { describe, expect, it } from "vitest";
import { characterEncoder } from "../../test/character-encoder.ts";
import type { PreferencePair } from "../data/prompt.ts";
import { paperDialect } from "../judge/paper-dialect.ts";
import { fitPairs, judgePromptLength, judgePromptLimit } from "./fit-pairs.ts";

const dialect = paperDialect(characterEncoder);
const pair = (id: string, chosen: number, rejected: number): PreferencePair => ({
  id,
  prompt: { id, messages: [{ role: "user", content: "Say something." }] },
  chosen: "c".repeat(chosen),
  rejected: "r".repeat(rejected),
  source: { file: "pairs.jsonl", line: 7 },
});
/** Tokens of the judge's prompt with empty responses, and the room for a rubric. */
const EMPTY = dialect.judgePrompt(pair("x", 0, 0).prompt, "", "", "").length + 96;
const rule = (overlong: "drop" | "truncate" | "refuse") => judgePromptLimit(EMPTY + 400, overlong);
const lengthOf = judgePromptLength(dialect);

describe("fitPairs", () => {
  it("drops pairs whose judge prompt would be too long, and says how many", () => {
    const { pairs, note } = fitPairs(
      [pair("short", 100, 100), pair("long", 300, 200)],
      rule("drop"),
      lengthOf,
    );
    expect(pairs.map(({ id }) => id)).toEqual(["short"]);
    expect(note).toContain("1 of 2 pairs");
    expect(note).toContain("1 dropped");
  });

  it("cuts the longer response until the prompt fits, marks the cut, and keeps the other", () => {
    const { pairs, note } = fitPairs([pair("long", 900, 100)], rule("truncate"), lengthOf);
    const [cut] = pairs;
    expect(cut!.rejected).toBe("r".repeat(100));
    expect(cut!.chosen).toMatch(/^c+ \[…\]$/);
    const { prompt, chosen, rejected } = cut!;
    expect(dialect.judgePrompt(prompt, chosen, rejected, "").length + 96).toBeLessThanOrEqual(EMPTY + 400);
    expect(chosen.length).toBeGreaterThan(200);
    expect(note).toContain("1 with a response cut");
  });

  it("stops with the place of the pair where that is asked for", () => {
    expect(() => fitPairs([pair("long", 900, 100)], rule("refuse"), lengthOf)).toThrow(
      /^pairs\.jsonl:7: the judge's prompt takes \d+ tokens of \d+; raise data\.maxPromptTokens/,
    );
  });

  it("drops a pair whose prompt alone is too long, also where responses may be cut", () => {
    const prompt = { id: "p", messages: [{ role: "user", content: "x".repeat(2000) }] } as const;
    const { pairs } = fitPairs([{ ...pair("p", 50, 50), prompt }], rule("truncate"), lengthOf);
    expect(pairs).toEqual([]);
  });
});
