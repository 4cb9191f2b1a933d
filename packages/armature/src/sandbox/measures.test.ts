import { describe, expect, it } from "vitest";
import { readNote } from "./note.ts";
import { rubricQuality } from "./rubric-quality.ts";
import { verdictAccuracy } from "./verdict-accuracy.ts";

const boss = { recipient: "boss", topic: "lost cat", rules: ["time", "place"] } as const;

function note(text: string) {
  const reading = readNote(text);
  if (!reading.ok) throw new Error(reading.fault);
  return reading.note;
}

describe("rubricQuality", () => {
  it("counts distinct lines of readable rubrics against the truth", () => {
    const quality = rubricQuality([
      {
        request: boss,
        text: "1. gives a time [hard-rule] 2. names a place [hard-rule] 3. is formal [principle] 4. is warm [principle]",
      },
      {
        request: boss,
        text: "1. gives a time [hard-rule] 2. avoids money [hard-rule] 3. is honest [principle] 4. is honest [principle]",
      },
      { request: boss, text: "1. gives a time" },
    ]);
    expect(quality).toEqual({
      rubrics: 3,
      valid: 1 / 3,
      repeating: 1 / 3,
      readable: 2 / 3,
      precision: 2 / 3, // formal and honest, of formal, warm, honest
      recall: 2 / 4,
      rulesKept: 3 / 4,
      rulesPrecision: 3 / 4,
    });
  });

  it("has no shares of nothing", () => {
    expect(rubricQuality([{ request: boss, text: "" }])).toMatchObject({
      valid: 0,
      precision: Number.NaN,
      recall: Number.NaN,
    });
  });
});

describe("verdictAccuracy", () => {
  it("splits by criterion and truth, so that a judge which never says no is seen", () => {
    const criteria = ["time", "warm"] as const;
    const [timely, warm] = [note("the cat is lost . at nine ."), note("the cat is lost . a long hug .")];
    const judgement = (A: boolean[], B: boolean[]) => ({
      winner: "A" as const,
      formatOk: true,
      verdicts: { A, B },
    });
    const accuracy = verdictAccuracy([
      { judgement: judgement([true, false], [true, true]), criteria, noteA: timely, noteB: warm },
      { judgement: judgement([true, true], [true, true]), criteria, noteA: warm, noteB: timely },
      { judgement: { winner: "B", formatOk: false }, criteria, noteA: timely, noteB: warm },
    ]);
    const cell = (criterion: string, truth: boolean) =>
      accuracy.cells.find((item) => item.criterion === criterion && item.truth === truth);
    expect(cell("time", true)).toEqual({ criterion: "time", truth: true, verdicts: 2, right: 1 });
    expect(cell("time", false)).toEqual({ criterion: "time", truth: false, verdicts: 2, right: 0 });
    expect(cell("warm", true)).toEqual({ criterion: "warm", truth: true, verdicts: 2, right: 1 });
    expect(cell("warm", false)).toEqual({ criterion: "warm", truth: false, verdicts: 2, right: 0.5 });
    expect(cell("place", true)).toEqual({ criterion: "place", truth: true, verdicts: 0, right: Number.NaN });
    expect([accuracy.rules, accuracy.principles, accuracy.unread]).toEqual([0.5, 0.75, 1]);
    expect(accuracy.cells.length).toBe(26);
  });
});
