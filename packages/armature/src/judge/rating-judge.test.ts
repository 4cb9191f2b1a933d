import { describe, expect, it } from "vitest";
import { ScriptedModel } from "../llm/scripted-model.ts";
import { type RatingMode, ratingJudge } from "./rating-judge.ts";
import type { JudgeTask } from "./rubric-judge.ts";

const task: JudgeTask = {
  prompt: { id: "p", messages: [{ role: "user", content: "Why is the sky blue?" }] },
  response: "It scatters.",
  rubric: {
    criteria: [
      { id: "a", text: "Names Rayleigh scattering", weight: 5, polarity: "good", category: "essential" },
      { id: "b", text: "Blames the sea", weight: -1, polarity: "bad" },
    ],
  },
};
const judged = async (mode: RatingMode, replies: string[], asked: JudgeTask = task) => {
  const model = new ScriptedModel(replies);
  const { rating, verdicts } = await ratingJudge({ model, mode }).judge(asked);
  return { rating, verdicts, questions: model.calls.map(({ request }) => request.messages[0]!.content) };
};

describe("ratingJudge", () => {
  it("rates with the rubric in view, with how much each point matters", async () => {
    const { rating, verdicts, questions } = await judged("implicit", ['{"reason": "short", "rating": 4}']);
    expect(rating).toEqual({ status: "scored", rating: 4, lowest: 1, highest: 10, reason: "short" });
    expect(verdicts).toEqual([]);
    expect(questions[0]).toContain("- [essential] Names Rayleigh scattering\n- [undesirable] Blames the sea");
  });

  it("rates alone, and beside a reference", async () => {
    const alone = await judged("likert", ['```json\n{"rating": "7"}\n```']);
    expect(alone.rating).toMatchObject({ rating: 7, reason: null });
    expect(alone.questions[0]).not.toContain("Rayleigh");
    const beside = await judged("reference-likert", ['{"rating": 10}'], {
      ...task,
      reference: "Rayleigh says why.",
    });
    expect(beside.rating).toMatchObject({ rating: 10 });
    expect(beside.questions[0]).toContain("Rayleigh says why.");
    await expect(judged("reference-likert", [])).rejects.toThrow("prompt p has no reference");
  });

  it("asks again for what is out of range or unreadable, then fails", async () => {
    expect(
      (await judged("likert", ['{"rating": 0}', '{"rating": 11}', '{"rating": 5}'])).rating,
    ).toMatchObject({ rating: 5 });
    const { rating, questions } = await judged("likert", ["8", "{}", '{"rating": "good"}']);
    expect(rating).toMatchObject({ status: "failed", kind: "parse" });
    expect(questions).toHaveLength(3);
  });

  it("reads nothing out of its own example", async () => {
    const example = '{"reason": "<what decides the rating, in two or three sentences>", "rating": <1 to 10>}';
    expect((await judged("likert", [example, example, example])).rating).toMatchObject({ status: "failed" });
  });
});
