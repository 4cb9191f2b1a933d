import { describe, expect, it } from "vitest";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { CriterionName } from "./lexicon.ts";
import { programReader } from "./note-reader.ts";
import { categorisedRubric } from "./request-rubrics.ts";
import {
  implicitRating,
  likertRating,
  referenceNote,
  referenceRating,
  SIGHTS_RUBRIC,
} from "./scripted-raters.ts";
import { holds, trueReward } from "./truth.ts";

const prompt = {
  id: "p",
  messages: [
    { role: "user", content: "write to the child about the wet roof . give a time . do not mention money ." },
  ],
} as const;

const verdict = (value: number): CriterionVerdict => ({ status: "scored", value, reason: null });
const ratingOf = (rating: ReturnType<typeof implicitRating>) =>
  rating.status === "scored" ? rating.rating : rating.status;

describe("the holistic rater", () => {
  // Essential, important, optional, pitfall.
  const rubric = categorisedRubric(["time", "playful", "warm"], { pitfall: true });
  const rate = (...values: number[]) => ratingOf(implicitRating(rubric, values.map(verdict)));

  it("takes off what each category costs", () => {
    expect(rubric.criteria.map(({ category }) => category)).toEqual([
      "essential",
      "important",
      "optional",
      "pitfall",
    ]);
    expect([
      rate(1, 1, 1, 1),
      rate(0, 1, 1, 1),
      rate(1, 0, 1, 1),
      rate(1, 1, 0, 1),
      rate(1, 1, 1, 0),
    ]).toEqual([10, 6, 8, 9, 7]);
    expect(rate(0, 0, 0, 0)).toBe(1);
  });

  it("has no rating where a verdict failed", () => {
    const failed = { status: "failed", kind: "parse", detail: "no verdict" } as const;
    expect(ratingOf(implicitRating(rubric, [verdict(1), failed, verdict(1), verdict(1)]))).toBe("failed");
  });
});

describe("the raters without rubric", () => {
  const see = async (response: string) =>
    (await programReader({ noise: 0, seed: 0 }).read([{ prompt, response, rubric: SIGHTS_RUBRIC }]))[0]!;

  it("like any quality, and overlook every other broken rule", async () => {
    const kept = "the roof is wet . at nine . hereby stated . many thanks . to be frank .";
    expect(ratingOf(likertRating(prompt, kept, await see(kept), 0))).toBe(10);
    expect(ratingOf(likertRating(prompt, "the roof", await see("the roof"), 0))).toBe(1);
    const bare = "the roof is wet . it costs ten .";
    const ratings = await Promise.all(
      Array.from({ length: 400 }, async (_, seed) =>
        ratingOf(likertRating(prompt, bare, await see(bare), seed)),
      ),
    );
    // 1 + 5 · (0, ½ or 1), both rules broken: overlooked twice with chance ¼.
    expect(new Set(ratings)).toEqual(new Set([1, 4, 6]));
    const all = ratings.filter((rating) => rating === 6).length / 400;
    expect(all).toBeGreaterThan(0.18);
    expect(all).toBeLessThan(0.32);
  });

  it("compare with a note that earns all there is", async () => {
    const reference = referenceNote(prompt, 5);
    const request = { recipient: "child", topic: "wet roof", rules: ["time", "no-money"] } as const;
    expect(trueReward(request, reference)).toBeCloseTo(7.6);
    const names: CriterionName[] = ["time", "no-money", "hopeful", "playful"];
    expect(names.every((name) => holds(name, reference))).toBe(true);
    const whole = SIGHTS_RUBRIC.criteria.map(() => verdict(0));
    expect(ratingOf(referenceRating(reference, whole))).toBe(1);
    const bare = { topic: "wet roof", phrases: ["at nine", "let us tickle"] } as const;
    // Seen: time, no money, playful. Shown by a reference of just these and hopeful: 3 of 4, so 1 + 9 · 3/4 = 7.75.
    const seen = await see("the roof is wet . at nine . let us tickle .");
    expect(ratingOf(referenceRating({ ...bare, phrases: [...bare.phrases, "i hope so"] }, seen))).toBe(8);
    expect(ratingOf(referenceRating(bare, seen))).toBe(10);
  });
});
