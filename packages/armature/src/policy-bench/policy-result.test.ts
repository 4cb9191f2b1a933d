import { describe, expect, it } from "vitest";
import type { GradedTask } from "./grade-policy.ts";
import { policyReport } from "./policy-report.ts";
import { policyResult } from "./policy-result.ts";
import type { Mark, Measure, PolicySuite } from "./policy-suite.ts";

const suiteOf = (measure: Partial<Measure>): PolicySuite => ({
  ...{ name: "s", title: "S", files: [], maxTokens: 1, runsDiffer: false, read: () => [] },
  measures: [{ name: "m", label: "m", format: "percent", over: "marks", ...measure }],
});

/** A graded response to a question, with the values of its marks by group. */
function graded(question: string, marks: readonly (readonly [string | null, number])[], run = 0): GradedTask {
  const grade = marks.map(([group, value]): Mark => ({ measure: "m", group, value }));
  return {
    task: {
      ...{ id: `${question}#${run}`, question, run, subset: "a", given: [] },
      prompt: { id: question, messages: [{ role: "user", content: question }] },
      source: { file: "f", line: 1 },
      grade: () => ({ marks: grade, note: "" }),
    },
    answer: { status: "answered", response: { text: "four" } },
    grade: { marks: grade, note: "" },
  };
}

const FACTS = { policy: "p", judge: null, files: [], runs: 1, skipped: 0, seconds: 1, seed: 0 };
const intervalOf = (measure: Partial<Measure>, tasks: readonly GradedTask[]) =>
  policyResult(suiteOf(measure), tasks, FACTS).measures[0]!.value!;

describe("policyResult", () => {
  it("averages marks, and draws a question's marks and runs together", () => {
    const same = [
      graded("q1", [
        [null, 1],
        [null, 1],
        [null, 0],
      ]),
      graded("q1", [[null, 0]], 1),
    ];
    const { value, low, high, clusters } = intervalOf({}, same);
    expect({ value, low, high, clusters }).toEqual({ value: 0.5, low: 0.5, high: 0.5, clusters: 1 });
    // Two questions of 1 and of 0: a resample has 0, 1 or 2 of them right.
    const two = intervalOf({}, [graded("q1", [[null, 1]]), graded("q2", [[null, 0]])]);
    expect([two.value, two.low, two.high]).toEqual([0.5, 0, 1]);
  });

  it("gives Wilson's interval where all questions agree", () => {
    const all = intervalOf({}, [graded("q1", [[null, 1]]), graded("q2", [[null, 1]])]);
    // 2 of 2: z² = 3.8415, low = (1 + z²/4 − z²/4) / (1 + z²/2) = 1 / 2.9207.
    expect(all.low).toBeCloseTo(0.3424, 4);
    expect(all.high).toBe(1);
    const numbers = intervalOf({ format: "number" }, [graded("q1", [[null, 1]]), graded("q2", [[null, 1]])]);
    expect(numbers.low).toBe(1);
  });

  it("averages groups plainly, drawing questions within them", () => {
    const tasks = [
      graded("q1", [
        [null, 1],
        ["a", 1],
      ]),
      graded("q2", [
        [null, 1],
        ["a", 1],
      ]),
      graded("q3", [
        [null, 1],
        ["a", 1],
      ]),
      graded("q4", [
        [null, 0],
        ["b", 0],
      ]),
    ];
    const result = policyResult(suiteOf({ over: "groups" }), tasks, FACTS);
    const { value, low, high, clusters } = result.measures[0]!.value!;
    expect({ value, low, high, clusters }).toEqual({ value: 0.5, low: 0.5, high: 0.5, clusters: 4 });
    expect(result.groups.map(({ group, count, value: own }) => [group, count, own!.value])).toEqual([
      ["a", 3, 1],
      ["b", 1, 0],
    ]);
  });

  it("clips the mean and its bounds, not the marks", () => {
    const clipped = intervalOf({ clip: [0, 1] }, [graded("q1", [[null, -5]]), graded("q2", [[null, 1]])]);
    expect([clipped.value, clipped.low, clipped.high]).toEqual([0, 0, 1]);
  });

  it("counts what is not graded and reports it", () => {
    const { task } = graded("q2", []);
    const tasks: GradedTask[] = [
      graded("q1", [[null, 1]]),
      graded("q3", []),
      { task, answer: { status: "missing" }, grade: null },
      { task, answer: { status: "failed", kind: "timeout", detail: "late" }, grade: null },
    ];
    const result = policyResult(suiteOf({}), tasks, FACTS);
    expect(result.responses).toMatchObject({
      ...{ graded: 1, unmeasured: 1, missing: 1, failed: { timeout: 1 }, meanLength: 4 },
    });
    expect(result.rows[3]).toMatchObject({ status: "failed", note: "timeout: late", length: null });
    expect(policyReport(suiteOf({}), result).notes).toEqual([
      "Left out of every number: 3 of 4.",
      "Without a response in the file: 1.",
      "The policy gave no response: 1 timeout.",
      "With a response of which nothing could be measured: 1.",
      "Mean length of a response: 4 characters.",
    ]);
  });

  it("has no value where nothing was measured", () => {
    const result = policyResult(suiteOf({ over: "groups" }), [graded("q1", [])], FACTS);
    expect(result.measures[0]).toMatchObject({ value: null, count: 0 });
    expect(policyReport(suiteOf({}), result).summary).toEqual([]);
  });
});
