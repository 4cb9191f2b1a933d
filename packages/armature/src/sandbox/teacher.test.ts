import { SeededStream } from "@armature/engine";
import { describe, expect, it } from "vitest";
import { ATTRIBUTE_NAMES, RECIPIENTS } from "./lexicon.ts";
import { PLAUSIBLE, TEACHER_FAULTS, teacherCriteria, teacherTranscript, teacherWinner } from "./teacher.ts";
import { readTranscript, trueVerdicts } from "./transcript.ts";
import { VALUED } from "./truth.ts";
import { TRAINING_PAIRS, worldPairs } from "./world.ts";

const pairs = worldPairs(11, "train", 4000, TRAINING_PAIRS);
const share = (hits: number, of: number) => hits / of;

describe("the teacher's plausible principles", () => {
  it("hold what counts, differ between recipients and prefer no attribute", () => {
    for (const one of RECIPIENTS) {
      expect(PLAUSIBLE[one]).toEqual(expect.arrayContaining([...VALUED[one]]));
      expect(new Set(PLAUSIBLE[one]).size).toBe(5);
      for (const other of RECIPIENTS.filter((recipient) => recipient !== one)) {
        expect(PLAUSIBLE[one].filter((name) => PLAUSIBLE[other].includes(name)).length).toBeLessThanOrEqual(
          3,
        );
      }
    }
    for (const name of ATTRIBUTE_NAMES) {
      expect(RECIPIENTS.filter((recipient) => PLAUSIBLE[recipient].includes(name)).length).toBe(5);
    }
  });

  it("are drawn at the stated rate, two distinct ones beside the request's rules", () => {
    const stream = new SeededStream(1);
    let plausible = 0;
    let wellFormed = 0;
    for (const { truth } of pairs) {
      const criteria = teacherCriteria(stream, truth.request);
      const rules = truth.request.rules.length;
      const principles = criteria.slice(rules);
      wellFormed +=
        Number(principles.length === 2 && principles[0] !== principles[1]) *
        Number(truth.request.rules.every((rule, i) => criteria[i] === rule));
      plausible += principles.filter((name) =>
        PLAUSIBLE[truth.request.recipient].some((p) => p === name),
      ).length;
    }
    expect(wellFormed).toBe(pairs.length);
    // 0.9 from the five plausible ones, and half of the remaining 0.1: 0.95. Redrawing repeats lowers it a little.
    expect(share(plausible, 2 * pairs.length)).toBeGreaterThan(0.93);
    expect(share(plausible, 2 * pairs.length)).toBeLessThan(0.96);
  });
});

describe("the teacher's judgements", () => {
  it("favour the first response in close calls only, at the stated rate", () => {
    const stream = new SeededStream(2);
    const shareOfFirst = (A: boolean[], B: boolean[]) => {
      const winners = Array.from({ length: 4000 }, () =>
        teacherWinner(stream, ["time", "warm", "formal"], { A, B }),
      );
      return share(winners.filter((winner) => winner === "A").length, winners.length);
    };
    // A tie is a coin flip where the bias does not decide: 0.65 + 0.35 / 2.
    expect(Math.abs(shareOfFirst([true, true, false], [true, false, true]) - 0.825)).toBeLessThan(0.025);
    expect(Math.abs(shareOfFirst([true, true, false], [true, true, true]) - 0.65)).toBeLessThan(0.031);
    expect(shareOfFirst([true, false, false], [true, true, true])).toBe(0);
    expect(shareOfFirst([false, true, true], [true, false, false])).toBe(0);
  });

  it("turn verdicts round and lose parts at the stated rates, and agree with the truth otherwise", () => {
    const stream = new SeededStream(3);
    const count = { malformed: 0, undecided: 0, verdicts: 0, wrong: 0 };
    for (const { truth } of pairs) {
      const criteria = teacherCriteria(stream, truth.request);
      const text = teacherTranscript(stream, criteria, truth.chosen, truth.rejected);
      const { formatOk, verdicts, winner } = readTranscript(text, criteria);
      if (winner === null) count.undecided++;
      if (!formatOk) count.malformed++;
      if (verdicts === undefined) continue;
      const right = trueVerdicts(criteria, truth.chosen, truth.rejected);
      for (const side of ["A", "B"] as const) {
        count.verdicts += criteria.length;
        count.wrong += verdicts[side].filter((verdict, i) => verdict !== right[side][i]).length;
      }
    }
    expect(count.undecided).toBe(0);
    expect(Math.abs(share(count.malformed, pairs.length) - TEACHER_FAULTS.malformedShare)).toBeLessThan(
      0.014,
    );
    expect(Math.abs(share(count.wrong, count.verdicts) - TEACHER_FAULTS.verdictNoise)).toBeLessThan(0.004);
  });

  it("are without fault where no fault is asked for", () => {
    const stream = new SeededStream(4);
    const faultless = { plausibleShare: 1, positionBias: 0, verdictNoise: 0, malformedShare: 0 };
    for (const { truth } of pairs.slice(0, 200)) {
      const criteria = teacherCriteria(stream, truth.request, faultless);
      const text = teacherTranscript(stream, criteria, truth.chosen, truth.rejected, faultless);
      expect(readTranscript(text, criteria)).toMatchObject({
        formatOk: true,
        verdicts: trueVerdicts(criteria, truth.chosen, truth.rejected),
      });
    }
  });
});
