import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../llm/language-model.ts";
import type { CriterionVerdict, RatingVerdict } from "./criterion-verdict.ts";
import { panelJudge } from "./panel-judge.ts";
import type { RubricJudge } from "./rubric-judge.ts";

const scored = (value: number, choice?: string): CriterionVerdict => ({
  status: "scored",
  value,
  ...(choice !== undefined && { choice }),
  reason: `${value}`,
});
const failed: CriterionVerdict = { status: "failed", kind: "timeout", detail: "late" };
const abstained: CriterionVerdict = { status: "abstained", reason: "dark" };
const choices = [
  { label: "low", value: 0 },
  { label: "high", value: 1 },
];
/** A judge that says what it was made to say. */
const saying = (verdict: CriterionVerdict | null, rating: RatingVerdict | null = null): RubricJudge => ({
  id: JSON.stringify(verdict ?? rating),
  judge: async () => ({
    verdicts: verdict === null ? [] : [verdict],
    rating,
    replies: ["reply"],
    usage: { ...NO_USAGE, calls: 1, costUsd: 0.5 },
  }),
});
const rating = (value: number, highest = 10): RatingVerdict => ({
  status: "scored",
  rating: value,
  lowest: 1,
  highest,
  reason: null,
});
const ask = (judges: readonly RubricJudge[], rule: "vote" | "mean", withChoices = false) =>
  panelJudge(judges, rule).judge({
    prompt: { id: "p", messages: [{ role: "user", content: "x" }] },
    response: "y",
    rubric: {
      criteria: [{ id: "c1", text: "z", weight: 1, polarity: "good", ...(withChoices && { choices }) }],
    },
  });

describe("panelJudge", () => {
  it.each<[string, CriterionVerdict[], "vote" | "mean", object]>([
    [
      "the majority decides",
      [scored(1), scored(0), scored(1)],
      "vote",
      { status: "scored", value: 1, reason: "1" },
    ],
    ["degrees are voted on as yes or no", [scored(0.6), scored(0.9), scored(0)], "vote", { value: 1 }],
    ["a tie abstains", [scored(1), scored(0)], "vote", { status: "abstained" }],
    ["who failed or abstained does not count", [failed, scored(0), abstained], "vote", { value: 0 }],
    ["the mean is a degree", [scored(1), scored(0), scored(0.5), failed], "mean", { value: 0.5 }],
    ["nobody scored and one abstained", [failed, abstained], "mean", { status: "abstained", reason: "dark" }],
    ["all failed", [failed, failed], "vote", { status: "failed", kind: "timeout" }],
  ])("%s", async (_, verdicts, rule, expected) => {
    const judgement = await ask(
      verdicts.map((verdict) => saying(verdict)),
      rule,
    );
    expect(judgement.verdicts[0]).toMatchObject(expected);
    expect(judgement.members).toHaveLength(verdicts.length);
    expect(judgement.usage).toMatchObject({ calls: verdicts.length, costUsd: verdicts.length / 2 });
  });

  it("votes on choices by label", async () => {
    const { verdicts } = await ask(
      [scored(1, "high"), scored(0, "low"), scored(0, "low")].map((one) => saying(one)),
      "vote",
      true,
    );
    expect(verdicts[0]).toMatchObject({ value: 0, choice: "low" });
  });

  it("takes the median or the mean of ratings of one scale", async () => {
    const judges = [2, 9, 4].map((value) => saying(null, rating(value)));
    expect((await ask(judges, "vote")).rating).toMatchObject({ rating: 4, highest: 10 });
    expect((await ask(judges, "mean")).rating).toMatchObject({ rating: 5 });
    await expect(ask([saying(null, rating(2)), saying(null, rating(2, 5))], "mean")).rejects.toThrow(
      /different scales/,
    );
    expect(() => panelJudge([], "vote")).toThrow(/no judges/);
  });
});
