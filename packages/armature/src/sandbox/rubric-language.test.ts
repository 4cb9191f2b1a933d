import { SeededStream } from "@armature/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PRINCIPLE_NAMES, RULE_NAMES } from "./lexicon.ts";
import { randomRequest } from "./note-request.ts";
import {
  gatekeeperOf,
  MOST_LINES,
  oracleCriteria,
  readLines,
  readRubric,
  rubricOf,
  rubricText,
  staticCriteria,
  writeRubric,
} from "./rubric-language.ts";

const names = fc.constantFrom(...RULE_NAMES, ...PRINCIPLE_NAMES);

describe("the rubric language", () => {
  it("reads back every rubric of different lines as it was written", () => {
    fc.assert(
      fc.property(fc.uniqueArray(names, { minLength: 1, maxLength: MOST_LINES }), (criteria) => {
        const rubric = rubricOf(criteria);
        expect(readRubric(writeRubric(rubric))).toEqual({ ok: true, rubric });
        expect(readLines(writeRubric(rubric))).toEqual({ ok: true, names: criteria });
      }),
    );
  });

  it("reads repeated lines as lines but not as a rubric", () => {
    const text = rubricText(["time", "warm", "warm"]);
    expect(readLines(text)).toEqual({ ok: true, names: ["time", "warm", "warm"] });
    expect(readRubric(text)).toEqual({ ok: false, fault: "line 3 repeats line 2" });
  });

  it.each([
    ["", 'line 1 starts with "", not "1."'],
    ["is warm [principle]", 'line 1 starts with "is", not "1."'],
    ["2. is warm [principle]", 'line 1 starts with "2.", not "1."'],
    ["1. is warm [principle] 3. is formal [principle]", 'line 2 starts with "3.", not "2."'],
    ["1. is warm [hard-rule]", 'line 1: unknown criterion "is warm [hard-rule]"'],
    [
      "1. is warm [principle] is formal [principle]",
      'line 1: unknown criterion "is warm [principle] is formal [principle]"',
    ],
    ["1. is warm 2. is formal [principle]", 'line 1: unknown criterion "is warm"'],
    ["1.", 'line 1: unknown criterion ""'],
    ["1. a [a] 2. b 3. c 4. d 5. e 6. f", "6 lines, at most 5"],
  ])("finds the fault of '%s'", (text, fault) => {
    expect(readRubric(text)).toEqual({ ok: false, fault });
  });

  it("never throws on arbitrary text", () => {
    const words = fc.constantFrom(
      "1.",
      "2.",
      "is",
      "warm",
      "[principle]",
      "[hard-rule]",
      "avoids",
      "money",
      "<pad>",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((parts) => parts.join(" ")),
        ),
        (text) => {
          const reading = readRubric(text);
          if (reading.ok) expect(writeRubric(reading.rubric)).toBe(text.trim().split(/\s+/).join(" "));
        },
      ),
    );
  });

  it("refuses to write more lines than it has numbers for", () => {
    expect(() => rubricText(PRINCIPLE_NAMES.slice(0, 6))).toThrow("at most 5 lines, not 6");
  });

  it("writes the oracle's and the static rubric of any request", () => {
    const stream = new SeededStream(1);
    for (let i = 0; i < 50; i++) {
      const request = randomRequest(stream);
      for (const criteria of [oracleCriteria(request), staticCriteria(request)]) {
        expect(readRubric(rubricText(criteria)).ok).toBe(true);
        expect(criteria.slice(0, request.rules.length)).toEqual(request.rules);
        expect(gatekeeperOf(criteria)).toBe(0);
      }
    }
    expect(gatekeeperOf(["warm", "time"])).toBe(1);
    expect(gatekeeperOf(["warm", "clear"])).toBeNull();
  });
});
