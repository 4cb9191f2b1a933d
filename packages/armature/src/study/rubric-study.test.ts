import { describe, expect, it } from "vitest";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import { meanCredit } from "../reward/weighted-mean.ts";
import { makeRubric } from "../rubric/check-rubric.ts";
import { type RubricJudgedPair, studyRubrics } from "./rubric-study.ts";
import { writerAgreement } from "./writer-agreement.ts";

const verdicts = (said: string): readonly CriterionVerdict[] =>
  Array.from(said, (one) =>
    one === "?"
      ? { status: "failed", kind: "parse", detail: "x" }
      : { status: "scored", value: Number(one), reason: null },
  );
const RUBRIC = makeRubric(["Names a bird.", { text: "Is rude.", polarity: "bad" }, "Names the bird."]);
const pair = (promptId: string, chosen: string, rejected: string, rubric = RUBRIC): RubricJudgedPair => ({
  ...{ promptId, rubric },
  ...{ chosen: verdicts(chosen), rejected: verdicts(rejected) },
});
const SETTINGS = { seed: 0, resamples: 100 };

describe("studyRubrics", () => {
  // Verdicts are literal: not being rude is good. Means of credit: q1 3/3 to 1/3, q2 2/3 to 3/3, q3 tie.
  const pairs = [pair("q1", "101", "110"), pair("q2", "111", "101"), pair("q3", "?00", "?00")];
  const study = studyRubrics(pairs, meanCredit, SETTINGS);

  it("counts what each criterion says, polarity minded", () => {
    expect(study).toMatchObject({ pairs: 3, rubrics: 1, criteria: 3, accuracy: { value: 0.5 } });
    const [bird, rude, named] = study.groups;
    expect(bird).toMatchObject({ name: "Names a bird.", judged: 2, unjudged: 1, same: { value: 1 } });
    expect(rude).toMatchObject({ judged: 3, discrimination: { value: 0 } });
    expect([rude!.right!.value, rude!.wrong!.value, rude!.same!.value]).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(named!.discrimination!.value).toBeCloseTo(1 / 3, 12);
    expect(study.all).toMatchObject({ judged: 8, unjudged: 1 });
  });

  it("leaves criteria out one at a time", () => {
    const [bird, rude] = study.groups;
    expect(bird!.dropout!.value).toBe(0);
    // Without the rude one: q1 stays right, q2 from wrong to a tie, q3 a tie.
    expect(rude!.dropout!.value).toBeCloseTo(0.5 / 3, 12);
    // Only q2 depends on one criterion.
    expect(study.fragile!.value).toBeCloseTo(1 / 3, 12);
  });

  it("finds criteria that say the same", () => {
    expect(study.redundant).toHaveLength(1);
    expect(study.redundant[0]).toMatchObject({
      first: "Names a bird.",
      second: "Names the bird.",
      similarity: 1,
    });
    expect(study.redundantShare).toBeCloseTo(1 / 3, 12);
  });

  it("has nothing to leave out of a rubric of one criterion", () => {
    const one = studyRubrics([pair("q1", "1", "0", makeRubric(["Is good."]))], meanCredit, SETTINGS);
    expect(one).toMatchObject({ accuracy: { value: 1 }, fragile: null, redundantShare: null });
    expect(one.groups[0]!.dropout).toBeNull();
  });
});

describe("writerAgreement", () => {
  it("compares winners and texts", () => {
    const other = makeRubric(["It names a bird.", "Is long."]);
    const first = [pair("q1", "101", "110"), pair("q2", "111", "101"), pair("q3", "100", "100")];
    const second = [
      pair("q1", "11", "00", other),
      pair("q2", "11", "00", other),
      pair("q3", "00", "00", other),
    ];
    const agreement = writerAgreement(first, second, meanCredit, SETTINGS);
    expect(agreement.pairs).toBe(3);
    // q1 and q3 agree; winners (1, -1, 0) against (1, 1, 0): observed 2/3, by chance (1·2 + 0 + 1·1)/9.
    expect(agreement.sameWinner!.value).toBeCloseTo(2 / 3, 12);
    expect(agreement.kappa).toBeCloseTo((2 / 3 - 3 / 9) / (1 - 3 / 9), 12);
    expect(agreement.firstInSecond!.value).toBeCloseTo(2 / 3, 12);
    expect(agreement.secondInFirst!.value).toBeCloseTo(1 / 2, 12);
  });
});
