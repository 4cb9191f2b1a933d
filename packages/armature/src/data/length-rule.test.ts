import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyLengthRule, type LengthRule } from "./length-rule.ts";
import type { PreferencePair } from "./prompt.ts";

const words = (text: string) => text.split(/\s+/).filter((word) => word !== "").length;
const pair = (id: string, prompt: string, chosen: string, rejected: string): PreferencePair => ({
  id,
  prompt: {
    id: `p${id}`,
    messages: [
      { role: "system", content: "be kind" },
      { role: "user", content: prompt },
    ],
  },
  chosen,
  rejected,
});

const pairs = [
  pair("fits", "one two", "a b c d", "a b"),
  pair("long prompt", "one two three", "a b", "c d"),
  pair("long chosen", "one", "a b c d e f", "a b"),
  pair("long both", "one", "a b c d e f", "a b x d e f"),
  pair("equal when cut", "one", "a b c d e f", "a b c d x y"),
];
const limits = { maxPromptLength: 4, maxResponseLength: 4 };

describe("applyLengthRule", () => {
  it("drops pairs and says why", () => {
    const rule: LengthRule = { kind: "drop", ...limits };
    const { pairs: kept, report } = applyLengthRule(pairs, rule, words);
    expect(kept).toEqual([pairs[0]]);
    expect(report).toEqual({
      rule,
      kept: 1,
      droppedForPrompt: 1,
      droppedForResponse: 3,
      droppedAsEqual: 0,
      truncatedResponses: 0,
      longestPrompt: 5,
      longestResponse: 6,
    });
  });

  it("cuts responses at the end, marks the cut, and drops pairs that became equal", () => {
    const rule: LengthRule = { kind: "truncate", mark: " […]", ...limits };
    const { pairs: kept, report } = applyLengthRule(pairs, rule, words);
    expect(kept.map(({ id, chosen, rejected }) => [id, chosen, rejected])).toEqual([
      ["fits", "a b c d", "a b"],
      ["long chosen", "a b c […]", "a b"],
      ["long both", "a b c […]", "a b x […]"],
    ]);
    expect(report).toMatchObject({ kept: 3, droppedForPrompt: 1, droppedAsEqual: 1, truncatedResponses: 3 });
  });

  it("keeps every length within the limits and every pair accounted for", () => {
    // The replacement character is what a cut inside a character would leave, so it must not be there before.
    const text = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
      .filter((graphemes) => !graphemes.includes("\uFFFD"));
    const any = fc.record({ prompt: text, chosen: text, rejected: text });
    const rule = fc.record({
      maxPromptLength: fc.integer({ min: 1, max: 80 }),
      maxResponseLength: fc.integer({ min: 4, max: 80 }),
      kind: fc.constantFrom("drop" as const, "truncate" as const),
      mark: fc.constantFrom("", "…", "[…]"),
    });
    // Bytes, so that a cut inside a character of several bytes would show.
    const bytes = (text: string) => Buffer.byteLength(text);
    fc.assert(
      fc.property(fc.array(any), rule, (texts, rule) => {
        fc.pre(bytes(rule.mark) < rule.maxResponseLength);
        const given = texts.map((t, i) => pair(String(i), t.prompt, t.chosen, t.rejected));
        const { pairs: kept, report } = applyLengthRule(given, rule, bytes);
        const dropped = report.droppedForPrompt + report.droppedForResponse + report.droppedAsEqual;
        expect(kept.length + dropped).toBe(given.length);
        for (const { id, chosen, rejected } of kept) {
          for (const [now, before] of [
            [chosen, given[Number(id)]!.chosen],
            [rejected, given[Number(id)]!.rejected],
          ] as const) {
            expect(bytes(now)).toBeLessThanOrEqual(rule.maxResponseLength);
            expect(now).not.toContain("\uFFFD");
            if (now !== before) {
              expect(now.endsWith(rule.mark)).toBe(true);
              expect(before.startsWith(now.slice(0, now.length - rule.mark.length))).toBe(true);
            }
          }
        }
      }),
    );
  });

  it.each([
    [{ kind: "drop", maxPromptLength: 0, maxResponseLength: 4 }, /^maxPromptLength is 0; /],
    [{ kind: "drop", maxPromptLength: 4, maxResponseLength: Number.NaN }, /^maxResponseLength is NaN; /],
    [{ kind: "truncate", mark: "a b c d", ...limits }, /^the mark "a b c d" fills maxResponseLength 4; /],
  ] as const)("refuses %j", (rule, message) => {
    expect(() => applyLengthRule(pairs, rule, words)).toThrow(message);
  });
});
