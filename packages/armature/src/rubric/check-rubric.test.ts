import { describe, expect, it } from "vitest";
import { DataError } from "../errors.ts";
import { checkRubric, makeRubric } from "./check-rubric.ts";
import { criterionFingerprint, rubricFingerprint } from "./fingerprint.ts";

describe("makeRubric", () => {
  it("names what has no name, and never the same name twice", () => {
    const ids = makeRubric(["a", { text: "b", id: "c1" }, "c", { text: "d", id: "c3" }]).criteria.map(
      ({ id }) => id,
    );
    expect(ids).toEqual(["c1-2", "c1", "c3-2", "c3"]);
  });

  it("refuses weights that are no numbers", () => {
    const make = () => makeRubric([{ text: "a", weight: Number.NaN }]);
    expect(make).toThrow(DataError);
    expect(make).toThrow("rubric: criteria[0].weight is NaN; give a finite number");
    expect(() => checkRubric({ criteria: [] })).toThrow(/^rubric: criteria is empty; /);
  });
});

describe("rubricFingerprint", () => {
  const rubric = makeRubric([{ text: "Says  why", weight: 2 }, "Is short"]);

  it("counts what changes a verdict or a score", () => {
    const [first, second] = rubric.criteria;
    for (const changed of [
      { criteria: [second!, first!] },
      { criteria: [{ ...first!, weight: 3 }, second!] },
      { criteria: [{ ...first!, polarity: "bad" as const }, second!] },
      { criteria: [{ ...first!, gate: true }, second!] },
      { criteria: [{ ...first!, category: "pitfall" as const }, second!] },
      { criteria: [{ ...first!, text: "says why" }, second!] },
      { criteria: [first!] },
    ])
      expect(rubricFingerprint(changed)).not.toBe(rubricFingerprint(rubric));
  });

  it("does not count names, white space and the way an accent is written", () => {
    const named = rubric.criteria.map((criterion) => ({
      ...criterion,
      id: `x-${criterion.id}`,
      title: "T",
      extra: { a: 1 },
    }));
    expect(rubricFingerprint({ criteria: named, title: "R" })).toBe(rubricFingerprint(rubric));
    expect(rubricFingerprint(makeRubric(["caf\u00e9 "]))).toBe(rubricFingerprint(makeRubric(["cafe\u0301"])));
  });

  it("tells what a judge is asked apart from what it counts for", () => {
    const [first] = rubric.criteria;
    expect(criterionFingerprint({ ...first!, weight: 9, polarity: "bad" })).toBe(
      criterionFingerprint(first!),
    );
    const choices = ["no", "yes"].map((label, value) => ({ label, value }));
    expect(criterionFingerprint({ ...first!, choices })).not.toBe(criterionFingerprint(first!));
    const verifier = (parameters: Record<string, unknown>) => ({
      ...first!,
      verifier: { name: "len", parameters },
    });
    expect(criterionFingerprint(verifier({ a: 1, b: 2 }))).toBe(
      criterionFingerprint(verifier({ b: 2, a: 1 })),
    );
  });
});
